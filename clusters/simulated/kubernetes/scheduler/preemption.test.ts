import { expect, test } from 'vitest';
import { startTestCluster } from '../controllers/test-cluster.ts';
import { pod } from '../controllers/test-manifests.ts';
import type { Pod } from '../model/generated/objects.ts';
import { asks, nodeOf, why } from './test-zones.ts';

const priorityClass = (name: string, value: number, more: object = {}): object => ({
  apiVersion: 'scheduling.k8s.io/v1',
  kind: 'PriorityClass',
  metadata: { name },
  value,
  ...more,
});

test('a more important pod makes room for itself, taking the least and latest', async () => {
  await using lab = await startTestCluster();
  await lab.apply(priorityClass('high', 1000));
  await lab.apply(pod('old', asks('800m')));
  await lab.advance(5);
  await lab.apply(pod('new', asks('800m')), pod('urgent', asks('900m', { priorityClassName: 'high' })));
  const urgent = lab.get<Pod>('v1 Pod', 'urgent');
  expect(lab.events('urgent')[0]).toBe('FailedScheduling: 0/1 nodes are available: 1 Insufficient cpu.');
  expect(lab.events('new')).toContain(`Preempted: Preempted by pod ${urgent?.metadata.uid} on node node01`);
  await lab.advance(60);
  expect(['old', 'urgent'].map((name) => nodeOf(lab, name))).toEqual(['node01', 'node01']);
  expect(lab.get('v1 Pod', 'new')).toBeUndefined();
  expect(lab.get<Pod>('v1 Pod', 'urgent')?.status.nominatedNodeName).toBeUndefined();
});

test('a victim is told by a condition, and its room is kept from lesser pods', async () => {
  await using lab = await startTestCluster();
  await lab.apply(priorityClass('high', 1000));
  await lab.apply(pod('victim', asks('1500m')));
  lab.setKubelet('node01', false);
  await lab.apply(pod('urgent', asks('1500m', { priorityClassName: 'high' })));
  const victim = lab.get<Pod>('v1 Pod', 'victim');
  expect(victim?.status.conditions?.find(({ type }) => type === 'DisruptionTarget')).toMatchObject({
    reason: 'PreemptionByScheduler',
    message: 'default-scheduler: preempting to accommodate a higher priority pod',
  });
  expect(lab.get<Pod>('v1 Pod', 'urgent')?.status.nominatedNodeName).toBe('node01');
  await lab.edit('v1 Pod', 'urgent', (draft) => void (draft.metadata.labels = { again: 'yes' }));
  expect(why(lab, 'urgent')).toContain('preemption: not eligible due to a terminating pod on the nominated node.');
  await lab.remove('v1 Pod', 'victim', { gracePeriodSeconds: 0 });
  await lab.apply(pod('lesser', asks('1')));
  expect([nodeOf(lab, 'urgent'), nodeOf(lab, 'lesser')]).toEqual(['node01', undefined]);
});

test('preemptionPolicy Never waits', async () => {
  await using lab = await startTestCluster();
  await lab.apply(priorityClass('polite', 1000, { preemptionPolicy: 'Never' }));
  await lab.apply(pod('there', asks('1500m')), pod('polite', asks('1500m', { priorityClassName: 'polite' })));
  expect(why(lab, 'polite')).toBe(
    '0/1 nodes are available: 1 Insufficient cpu. no new claims to deallocate, preemption: not eligible due to preemptionPolicy=Never.',
  );
  await lab.remove('v1 Pod', 'there');
  expect(nodeOf(lab, 'polite')).toBe('node01');
});
