import { expect, test } from 'vitest';
import type { PodDisruptionBudget } from '../model/generated/objects.ts';
import { startTestCluster, type TestCluster } from './test-cluster.ts';
import { daemonSet, deployment, pod } from './test-manifests.ts';

const budget = (limits: object): object => ({
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  metadata: { name: 'b' },
  spec: { selector: { matchLabels: { app: 'web' } }, ...limits },
});
const statusOf = (lab: TestCluster): PodDisruptionBudget['status'] | undefined =>
  lab.get<PodDisruptionBudget>('policy/v1 PodDisruptionBudget', 'b')?.status;

test('pods whose controller has no scale cannot be counted, so none may go', async () => {
  await using lab = await startTestCluster();
  await lab.apply(daemonSet('web'), budget({ maxUnavailable: 1 }));
  const why = 'daemonsets.apps does not implement the scale subresource';
  expect(statusOf(lab)?.conditions?.[0]).toMatchObject({ status: 'False', reason: 'SyncFailed', message: why });
  expect(statusOf(lab)?.disruptionsAllowed).toBe(0);
  expect(lab.events('b')).toContain(
    `CalculateExpectedPodCountFailed: Failed to calculate the number of expected pods: ${why}`,
  );
});

test('a number of pods needs no controller, and pods without one count for no share', async () => {
  await using lab = await startTestCluster();
  await lab.apply(deployment('web', { replicas: 2 }), pod('bare', {}, { app: 'web' }), budget({ minAvailable: 1 }));
  expect(statusOf(lab)).toMatchObject({ expectedPods: 3, disruptionsAllowed: 2 });
  await lab.edit('policy/v1 PodDisruptionBudget', 'b', (draft) => {
    (draft as PodDisruptionBudget).spec = { selector: { matchLabels: { app: 'web' } }, maxUnavailable: '50%' };
  });
  expect(statusOf(lab)).toMatchObject({ expectedPods: 2, desiredHealthy: 1 });
});

test('a budget that covers nobody says so', async () => {
  await using lab = await startTestCluster();
  await lab.apply(budget({ minAvailable: 1 }));
  expect(lab.events('b')).toEqual(['NoPods: No matching pods found']);
  expect(statusOf(lab)?.conditions?.[0]).toMatchObject({ status: 'False', reason: 'InsufficientPods' });
});
