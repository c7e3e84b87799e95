import { expect, test } from 'vitest';
import type { Lease } from '../model/generated/objects.ts';
import { runControllers } from './controller.ts';
import { leaderLease } from './leader-lease.ts';
import { startTestCluster } from './test-cluster.ts';

test('a leader holds its lease, renews it, and the next one takes it over', async () => {
  await using lab = await startTestCluster();
  const { cluster } = lab;
  const terms = { name: 'kube-scheduler', namespace: 'default', duration: 15, program: 'kube-scheduler' };
  const leases = cluster.resource('leases', 'coordination.k8s.io');
  const held = () => (cluster.get(leases, terms.namespace, terms.name) as Lease | undefined)?.spec;
  const lead = (holder: string) => {
    const running = runControllers(cluster, [leaderLease(cluster, { ...terms, holder })], () => undefined);
    return {
      async advance(seconds: number) {
        await lab.advance(seconds);
        await running.idle();
      },
      [Symbol.dispose]: () => running[Symbol.dispose](),
    };
  };
  const first = lead('a');
  await first.advance(2);
  const { acquireTime } = held() ?? {};
  expect(held()).toMatchObject({ holderIdentity: 'a', leaseDurationSeconds: 15, leaseTransitions: 0 });
  await first.advance(10);
  expect(held()).toMatchObject({ acquireTime, leaseTransitions: 0 });
  expect(held()?.renewTime).not.toBe(acquireTime);
  first[Symbol.dispose]();
  using second = lead('b');
  await second.advance(2);
  expect(held()).toMatchObject({ holderIdentity: 'b', leaseTransitions: 1 });
});
