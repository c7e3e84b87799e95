import { expect, test } from 'vitest';
import { LabError } from '../../cluster.ts';
import { type Answer, scriptedApi } from './api-fixture.ts';
import { seedManifests } from './seed-manifests.ts';

const CORE: Answer = [
  200,
  {
    resources: [
      { name: 'configmaps', kind: 'ConfigMap', namespaced: true },
      { name: 'configmaps/status', kind: 'ConfigMap', namespaced: true },
    ],
  },
];
const MADE: Answer = [201, {}];
const COLLECTION = '/api/v1/namespaces/shop/configmaps';
const tide = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'tide', namespace: 'shop' } };

async function seeded(
  script: Readonly<Record<string, readonly Answer[]>>,
  { manifest = tide, limit = 20_000 }: { manifest?: object; limit?: number } = {},
) {
  await using api = await scriptedApi(script);
  const failure: unknown = await seedManifests({
    access: api.access,
    manifests: [manifest as Record<string, unknown>],
    signal: AbortSignal.timeout(20_000),
    settle: { limit, pause: 5 },
  }).catch((error: unknown) => error);
  return { failure, asked: api.asked };
}
const post = `POST ${COLLECTION}`;

test('an object is made where the API server says that its kind is', async () => {
  expect(await seeded({ 'GET /api/v1': [CORE], [post]: [MADE] })).toEqual({
    failure: undefined,
    asked: ['GET /api/v1', post],
  });
});

test.each<[string, Answer]>([
  ['its namespace is still to come', [404, { message: 'namespaces "shop" not found' }]],
  [
    'its ServiceAccount is still to come',
    [403, { message: 'error looking up service account shop/default: not found' }],
  ],
  ['the server is not ready', [503, { message: 'starting' }]],
  ['a webhook does not answer yet', [500, { message: 'failed calling webhook "policy": connection refused' }]],
  ['two write at once', [409, { reason: 'Conflict', message: 'the object has been modified' }]],
])('it is tried again while %s', async (_, answer) => {
  const { failure, asked } = await seeded({ 'GET /api/v1': [CORE], [post]: [answer, answer, MADE] });
  expect(failure).toBeUndefined();
  expect(asked.filter((one) => one === post)).toHaveLength(3);
});

test('a kind that a definition has yet to bring is asked for again', async () => {
  const gull = { apiVersion: 'sea.example/v1', kind: 'Gull', metadata: { name: 'one' } };
  const kinds: Answer = [200, { resources: [{ name: 'gulls', kind: 'Gull', namespaced: false }] }];
  const { failure, asked } = await seeded(
    {
      'GET /apis/sea.example/v1': [[404, {}], [200, { resources: [] }], kinds],
      'POST /apis/sea.example/v1/gulls': [MADE],
    },
    { manifest: gull },
  );
  expect(failure).toBeUndefined();
  expect(asked).toHaveLength(4);
});

test('an object that is there already is brought to what the manifest says', async () => {
  const there: Answer = [409, { reason: 'AlreadyExists', message: 'configmaps "tide" already exists' }];
  const patch = `PATCH ${COLLECTION}/tide`;
  const { failure, asked } = await seeded({ 'GET /api/v1': [CORE], [post]: [there], [patch]: [[200, {}]] });
  expect(failure).toBeUndefined();
  expect(asked.at(-1)).toBe(patch);
});

test.each<[string, Answer, RegExp]>([
  ['refuses', [422, { message: 'data is too long' }], /refuses ConfigMap shop\/tide of the seed: data is too long/],
  ['refuses for want of rights', [403, { message: 'forbidden by policy' }], /refuses .*forbidden by policy/],
  ['never takes', [503, { message: 'starting' }], /did not take ConfigMap shop\/tide of the seed in time: starting/],
])('an object that the cluster %s is told with the cluster’s words', async (_, answer, message) => {
  const { failure } = await seeded({ 'GET /api/v1': [CORE], [post]: [answer] }, { limit: 100 });
  expect(failure).toBeInstanceOf(LabError);
  expect((failure as LabError).message).toMatch(message);
});
