import { expect, test } from 'vitest';
import type { Lease, Node } from '../../model/generated/objects.ts';
import { startTestCluster } from '../test-cluster.ts';
import { deployment } from '../test-manifests.ts';

test('a node whose kubelet stops becomes Unknown and tainted, loses its pods, and recovers', async () => {
  await using lab = await startTestCluster();
  await lab.apply(deployment('web'));
  lab.setKubelet('node01', false);
  await lab.advance(61);
  const node = (): Node | undefined => lab.get<Node>('v1 Node', 'node01', '');
  expect(node()?.status?.conditions?.find(({ type }) => type === 'Ready')).toMatchObject({
    status: 'Unknown',
    reason: 'NodeStatusUnknown',
    message: 'Kubelet stopped posting node status.',
  });
  const taints = (node()?.spec?.taints ?? []).map(({ key, effect }) => `${key}:${effect}`);
  expect(taints).toEqual(['node.kubernetes.io/unreachable:NoSchedule', 'node.kubernetes.io/unreachable:NoExecute']);
  expect(lab.events('node01')).toContain('NodeNotReady: Node node01 status is now: NodeNotReady');
  await lab.advance(310);
  expect(lab.pods({ app: 'web' }).filter(({ metadata }) => metadata.deletionTimestamp !== undefined)).toHaveLength(1);
  lab.setKubelet('node01', true);
  await lab.advance(15);
  expect(node()?.status?.conditions?.find(({ type }) => type === 'Ready')?.status).toBe('True');
  expect(node()?.spec?.taints ?? []).toEqual([]);
  expect(lab.pods({ app: 'web' }).map(({ status }) => status.phase)).toEqual(['Running']);
});

test('leases are renewed every ten seconds, and nothing else is written in an idle cluster', async () => {
  await using lab = await startTestCluster();
  await lab.advance(20);
  const writes: string[] = [];
  for (const resource of lab.cluster.resources()) lab.cluster.watch(resource, () => writes.push(resource.plural));
  await lab.advance(60);
  expect(new Set(writes)).toEqual(new Set(['leases']));
  expect(writes).toHaveLength(6);
  expect(lab.get<Lease>('coordination.k8s.io/v1 Lease', 'node01', 'kube-node-lease')?.spec.leaseDurationSeconds).toBe(
    40,
  );
});

test('nothing is left to run once the controllers are disposed', async () => {
  const lab = await startTestCluster();
  await lab.apply(deployment('web', {}, { containers: [{ name: 'c', image: 'nginx:none' }] }));
  expect(lab.clock.timers).toBeGreaterThan(0);
  await lab[Symbol.asyncDispose]();
  expect(lab.clock.timers).toBe(0);
});
