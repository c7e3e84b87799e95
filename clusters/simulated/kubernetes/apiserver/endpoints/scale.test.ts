import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { startTestBed, type AnyObject, type TestBed } from '../test-bed.ts';

const MERGE = 'application/merge-patch+json';
const APPLY = 'application/apply-patch+yaml';
const DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments';

let bed: TestBed;
let count = 0;
let path: string;
let name: string;
beforeAll(async () => {
  bed = await startTestBed();
});
afterAll(() => bed[Symbol.asyncDispose]());

const deployment = (replicas: number) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name },
  spec: {
    replicas,
    selector: { matchLabels: { app: 'web' } },
    template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image: 'nginx' }] } },
  },
});

beforeEach(async () => {
  name = `web-${++count}`;
  path = `${DEPLOYMENTS}/${name}`;
  await write(deployment(1), 'apply_test', APPLY);
});

const write = (body: object, manager: string, type: string, where = '', more = '') =>
  bed.call('PATCH', `${path}${where}?fieldManager=${manager}${more}`, body, { 'Content-Type': type });

const scaleTo = (replicas: number, manager: string, more = '') =>
  write(
    { kind: 'Scale', apiVersion: 'autoscaling/v1', metadata: { name }, spec: { replicas } },
    manager,
    APPLY,
    '/scale',
    more,
  );

/** Who owns the replicas: manager, operation, group version, subresource, and whether the entry has a time. */
async function owners(): Promise<unknown[]> {
  const { json } = await bed.call('GET', path);
  const entries = json['metadata']!['managedFields'] as unknown as (Record<string, unknown> & {
    fieldsV1: AnyObject;
  })[];
  return entries
    .filter(({ fieldsV1 }) => fieldsV1['f:spec']?.['f:replicas'] !== undefined)
    .map(({ manager, operation, apiVersion, subresource, time }) => [
      manager,
      operation,
      apiVersion,
      subresource,
      typeof time,
    ]);
}

it('gives the replicas to whoever scales, without a time', async () => {
  await write({ spec: { replicas: 5 } }, 'scale_test', MERGE, '/scale');
  expect(await owners()).toEqual([['scale_test', 'Update', 'apps/v1', 'scale', 'undefined']]);
  const again = await write(deployment(1), 'apply_test', APPLY);
  expect([again.status, again.json['message']]).toEqual([
    409,
    'Apply failed with 1 conflict: conflict with "scale_test" with subresource "scale" using apps/v1: .spec.replicas',
  ]);
});

it('applies a scale: in conflict, by force, and shared', async () => {
  const clash = await scaleTo(17, 'apply_scale');
  expect([clash.status, clash.json['message']]).toEqual([
    409,
    'Apply failed with 1 conflict: conflict with "apply_test": .spec.replicas',
  ]);
  const forced = await scaleTo(17, 'apply_scale', '&force=true');
  expect(forced.json).toMatchObject({ kind: 'Scale', spec: { replicas: 17 } });
  expect(await owners()).toEqual([['apply_scale', 'Apply', 'apps/v1', 'scale', 'undefined']]);

  const replaced = {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, namespace: 'default' },
    spec: { replicas: 7 },
  };
  expect((await bed.call('PUT', `${path}/scale?fieldManager=replace_test`, replaced)).status).toBe(200);
  expect((await scaleTo(7, 'co_owner')).status).toBe(200);
  expect(await owners()).toEqual([
    ['co_owner', 'Apply', 'apps/v1', 'scale', 'undefined'],
    ['replace_test', 'Update', 'apps/v1', 'scale', 'undefined'],
  ]);
});

it('changes no owner when only the status is patched', async () => {
  const answer = await write({ status: { replicas: 42 } }, 'scale_test', MERGE, '/scale');
  expect(answer.json['spec']).toEqual({ replicas: 1 });
  expect(await owners()).toEqual([['apply_test', 'Apply', 'apps/v1', undefined, 'string']]);
});

it.each([
  [
    { spec: { replicas: -1 } },
    422,
    'Scale.autoscaling "NAME" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0',
  ],
  [
    { metadata: { resourceVersion: '1' } },
    409,
    'Operation cannot be fulfilled on deployments.apps "NAME": the object has been modified; please apply your changes to the latest version and try again',
  ],
])('refuses %j', async (body, status, message) => {
  const answer = await write(body, 'x', MERGE, '/scale');
  expect([answer.status, answer.json['message']]).toEqual([status, message.replace('NAME', name)]);
});

it('wants a Scale and a manager for an apply', async () => {
  const other = await write(deployment(3), 'x', APPLY, '/scale');
  expect(other.json['message']).toBe(
    'Incorrect version specified in apply patch. Specified patch version: apps/v1, expected: autoscaling/v1',
  );
  expect((await write(deployment(3), '', APPLY, '/scale')).json['message']).toContain('fieldManager: Required value');
});

it('is a Scale to admission, which may change it', async () => {
  const seen: [string, string | undefined, unknown, unknown][] = [];
  await using other = await startTestBed({
    security: {
      admission: {
        mutate({ subresource, object, oldObject }) {
          if (subresource !== 'scale' || object === undefined) return;
          seen.push([subresource, object.kind, object['spec'], oldObject?.['spec']]);
          object['spec'] = { replicas: 2 };
        },
        validate({ subresource, object }) {
          if (subresource === 'scale') seen.push([subresource, object?.kind, object?.['spec'], undefined]);
        },
      },
    },
  });
  await other.call('POST', DEPLOYMENTS, deployment(1));
  const answer = await other.call('PATCH', `${path}/scale`, { spec: { replicas: 5 } }, { 'Content-Type': MERGE });
  expect(answer.json['spec']).toEqual({ replicas: 2 });
  expect(seen).toEqual([
    ['scale', 'Scale', { replicas: 5 }, { replicas: 1 }],
    ['scale', 'Scale', { replicas: 2 }, undefined],
  ]);
});
