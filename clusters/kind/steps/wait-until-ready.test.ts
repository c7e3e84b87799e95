import { expect, test } from 'vitest';
import { type Answer, scriptedApi } from './api-fixture.ts';
import { untilNodesReady, untilPodsSettled } from './wait-until-ready.ts';

const list = (...items: readonly object[]): Answer => [200, { items }];
const node = (status: string) => ({
  metadata: { name: 'node01' },
  status: { conditions: [{ type: 'Ready', status, message: 'cni is coming' }] },
});
const pod = (status: object) => ({ metadata: { name: 'web', namespace: 'shop' }, status });
const waiting = (reason: string) =>
  pod({ containerStatuses: [{ image: 'nginx:1.27', state: { waiting: { reason, message: 'no such host' } } }] });
const limits = { signal: AbortSignal.timeout(20_000), limit: 100, pause: 5 };

test('nodes are waited for, also while the API server does not answer', async () => {
  await using api = await scriptedApi({
    'GET /api/v1/nodes': [[503, {}], list(), list(node('False')), list(node('True'))],
  });
  await untilNodesReady({ access: api.access, ...limits, limit: 10_000 });
  expect(api.asked).toHaveLength(4);
});

test('nodes that do not become ready are told with what was seen last', async () => {
  await using api = await scriptedApi({ 'GET /api/v1/nodes': [list(node('False'))] });
  await expect(untilNodesReady({ access: api.access, ...limits })).rejects.toThrow(
    /not ready within 0\.1 s: node node01 is not ready: cni is coming/,
  );
});

const apps = (of: string) => `GET /apis/apps/v1/namespaces/shop/${of}`;
const noWorkloads = {
  [apps('deployments')]: [list()],
  [apps('statefulsets')]: [list()],
  [apps('daemonsets')]: [list()],
};
const unscheduled = pod({ phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'False' }] });
const ready = pod({ phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] });

test('pods are waited for that a workload has yet to make, and that are without a node for a moment', async () => {
  const web = { metadata: { name: 'web', namespace: 'shop', generation: 1 }, spec: { replicas: 1 } };
  await using api = await scriptedApi({
    ...noWorkloads,
    [apps('deployments')]: [list(web), list({ ...web, status: { observedGeneration: 1, replicas: 1 } })],
    'GET /api/v1/namespaces/shop/pods': [list(), list(unscheduled), list(unscheduled), list(ready)],
  });
  await untilPodsSettled({ access: api.access, ...limits, limit: 10_000 }, ['shop']);
  expect(api.asked.filter((one) => one.endsWith('/pods'))).toHaveLength(4);
});

test('what stays stuck is taken as it is after a while', async () => {
  await using api = await scriptedApi({
    ...noWorkloads,
    'GET /api/v1/namespaces/shop/pods': [list(waiting('CrashLoopBackOff'), unscheduled)],
  });
  await untilPodsSettled({ access: api.access, ...limits, limit: 10_000, patience: 30 }, ['shop']);
  expect(api.asked.filter((one) => one.endsWith('/pods')).length).toBeGreaterThan(1);
});

test('an image that nobody has ends the wait, with the flag that brings another', async () => {
  await using api = await scriptedApi({
    ...noWorkloads,
    'GET /api/v1/namespaces/shop/pods': [list(waiting('ContainerCreating')), list(waiting('ErrImagePull'))],
  });
  const refusal = await untilPodsSettled({ access: api.access, ...limits, limit: 10_000 }, ['shop']).catch(
    (error: unknown) => error,
  );
  expect(refusal).toMatchObject({
    message: expect.stringMatching(/cannot get the image nginx:1\.27.*no such host/),
    nextStep: expect.stringContaining('--image nginx:1.27='),
  });
});
