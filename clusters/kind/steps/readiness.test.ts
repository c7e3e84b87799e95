import { expect, test } from 'vitest';
import { nodeReadiness, podReadiness, workloadReadiness } from './readiness.ts';

const metadata = { name: 'shop-1', namespace: 'shop' };
const waiting = (reason: string) => ({
  phase: 'Pending',
  containerStatuses: [{ image: 'nginx:1.27', state: { waiting: { reason, message: 'because' } } }],
});
const condition = (type: string, status: string) => ({ type, status });

test.each([
  ['ready', { phase: 'Running', conditions: [condition('Ready', 'True')] }, { state: 'settled' }],
  ['done', { phase: 'Succeeded' }, { state: 'settled' }],
  ['not looked at yet', {}, { state: 'coming', detail: 'pod shop/shop-1 is Pending' }],
  ['being created', waiting('ContainerCreating'), { state: 'coming', detail: 'pod shop/shop-1: ContainerCreating' }],
  ['crashing', waiting('CrashLoopBackOff'), { state: 'stuck', detail: 'pod shop/shop-1: CrashLoopBackOff' }],
  [
    'without its image',
    waiting('ImagePullBackOff'),
    { state: 'without-image', image: 'nginx:1.27', detail: 'ImagePullBackOff: because' },
  ],
  [
    'without a node that takes it',
    { phase: 'Pending', conditions: [condition('PodScheduled', 'False')] },
    { state: 'stuck', detail: 'pod shop/shop-1 has no node that takes it' },
  ],
])('a pod that is %s', (_, status, readiness) => {
  expect(podReadiness({ metadata, status })).toEqual(readiness);
});

test.each([
  ['nobody has looked at', { generation: 2 }, { observedGeneration: 1, replicas: 2 }, 'coming'],
  ['has half of its pods', { generation: 1 }, { observedGeneration: 1, replicas: 1 }, 'stuck'],
  ['has its pods', { generation: 1 }, { observedGeneration: 1, replicas: 2 }, 'settled'],
])('a workload that %s', (_, { generation }, status, state) => {
  const workload = { metadata: { ...metadata, generation }, spec: { replicas: 2 }, status };
  expect(workloadReadiness(workload)).toMatchObject({ state });
});

test('a DaemonSet wants a pod on each node that it is meant for', () => {
  const daemons = (currentNumberScheduled: number) =>
    workloadReadiness({
      metadata,
      status: { observedGeneration: 1, desiredNumberScheduled: 2, currentNumberScheduled },
    });
  expect(daemons(1)).toEqual({ state: 'stuck', detail: 'shop/shop-1 has 1 of its 2 pods' });
  expect(daemons(2)).toEqual({ state: 'settled' });
});

test('a node is ready when it says so and takes pods', () => {
  const node = (status: string) => ({
    metadata: { name: 'node01' },
    status: { conditions: [condition('Ready', status)] },
  });
  expect(nodeReadiness(node('True'))).toEqual({ state: 'settled' });
  expect(nodeReadiness(node('False'))).toMatchObject({ state: 'coming', detail: expect.stringContaining('node01') });
  const tainted = { ...node('True'), spec: { taints: [{ key: 'node.kubernetes.io/not-ready' }] } };
  expect(nodeReadiness(tainted)).toMatchObject({ state: 'coming' });
  expect(nodeReadiness({ metadata: { name: 'node01' } })).toMatchObject({ state: 'coming' });
});
