import { expect, test } from 'vitest';
import { startTestCluster } from '../controllers/test-cluster.ts';
import { pod } from '../controllers/test-manifests.ts';
import type { Node, Pod } from '../model/generated/objects.ts';

const text = (why: string): string =>
  `FailedScheduling: 0/1 nodes are available: ${why}. no new claims to deallocate, preemption: 0/1 nodes are available: ` +
  '1 Preemption is not helpful for scheduling.';

const requests = { cpu: '64', memory: '64Gi' };
const gpus = { 'example.com/gpu': '1' };
const hungry = { containers: [{ name: 'c', image: 'nginx', resources: { requests } }] };
const claimed = { volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'none' } }] };

test.each([
  ['a selector nobody has', { nodeSelector: { a: 'b' } }, text("1 node(s) didn't match Pod's node affinity/selector")],
  ['more cpu than there ever is', hungry, text('1 Insufficient cpu, 1 Insufficient memory')],
  [
    'more devices than there are',
    { containers: [{ name: 'c', image: 'nginx', resources: { limits: gpus } }] },
    text('1 Insufficient example.com/gpu'),
  ],
  ['a claim that is not there', claimed, text('persistentvolumeclaim "none" not found')],
])('tells why no node takes a pod: %s', async (_what, spec, expected) => {
  await using lab = await startTestCluster();
  await lab.apply(pod('p', spec));
  expect(lab.events('p')).toEqual([expected]);
  expect(lab.get<Pod>('v1 Pod', 'p')?.status.conditions?.[0]).toMatchObject({
    status: 'False',
    reason: 'Unschedulable',
  });
});

test('a pending pod is bound when the taint that kept it away goes', async () => {
  await using lab = await startTestCluster();
  const setTaints = (taints: { key: string; effect: string }[]): Promise<void> =>
    lab.edit('v1 Node', 'node01', (draft) => void ((draft as Node).spec = { ...(draft as Node).spec, taints }), '');
  await setTaints([{ key: 'k', effect: 'NoSchedule' }]);
  await lab.apply(pod('p'));
  expect(lab.events('p')).toEqual([text('1 node(s) had untolerated taint(s)')]);
  await setTaints([]);
  expect(lab.get<Pod>('v1 Pod', 'p')?.spec.nodeName).toBe('node01');
  expect(lab.events('p')).toContain('Scheduled: Successfully assigned default/p to node01');
});

test('a pod for another scheduler, or behind a gate, is left alone', async () => {
  await using lab = await startTestCluster();
  await lab.apply(pod('other', { schedulerName: 'nobody' }), pod('gated', { schedulingGates: [{ name: 'g' }] }));
  expect(lab.pods().map(({ spec }) => spec.nodeName)).toEqual([undefined, undefined]);
});
