import { expect, test } from 'vitest';
import type { Deployment, ReplicaSet } from '../../model/generated/objects.ts';
import { startTestCluster, type TestCluster } from '../test-cluster.ts';
import { command, deployment, pod, replicaSet, sorted, withImage } from '../test-manifests.ts';

const KIND = 'apps/v1 Deployment';
const REVISION = 'deployment.kubernetes.io/revision';

const sets = (lab: TestCluster): readonly ReplicaSet[] => lab.list<ReplicaSet>('apps/v1 ReplicaSet', 'default');
const setImage = (lab: TestCluster, image: string): Promise<void> => lab.edit(KIND, 'web', withImage(image));
const imagesOf = (lab: TestCluster): unknown[] =>
  lab.pods({ app: 'web' }).map(({ spec }) => spec.containers?.[0]?.image);

test('a rolling update replaces every pod and keeps the old ReplicaSet for history', async () => {
  await using lab = await startTestCluster();
  await lab.apply(deployment('web', { replicas: 3 }));
  expect(lab.get<Deployment>(KIND, 'web')?.status).toMatchObject({ readyReplicas: 3, updatedReplicas: 3 });
  await setImage(lab, 'nginx:1.26');
  expect(imagesOf(lab)).toEqual(['nginx:1.26', 'nginx:1.26', 'nginx:1.26']);
  expect(sorted(sets(lab).map(({ spec }) => spec.replicas))).toEqual(['0', '3']);
  const status = lab.get<Deployment>(KIND, 'web')?.status;
  expect(status?.conditions?.map(({ type, reason }) => [type, reason])).toEqual([
    ['Available', 'MinimumReplicasAvailable'],
    ['Progressing', 'NewReplicaSetAvailable'],
  ]);
  expect(lab.events('web').at(-1)).toMatch(/^ScalingReplicaSet: Scaled down replica set web-\w+ from 1 to 0$/);
});

test('an update whose image cannot be pulled keeps the old pods and exceeds its deadline', async () => {
  await using lab = await startTestCluster();
  await lab.apply(deployment('web', { replicas: 4, progressDeadlineSeconds: 60 }));
  await setImage(lab, 'nginx:no-such-tag');
  expect(lab.pods({ app: 'web' })).toHaveLength(5);
  expect(lab.get<Deployment>(KIND, 'web')?.status).toMatchObject({ availableReplicas: 3, updatedReplicas: 2 });
  await lab.advance(61);
  const progressing = lab.get<Deployment>(KIND, 'web')?.status.conditions?.find(({ type }) => type === 'Progressing');
  expect(progressing).toMatchObject({ status: 'False', reason: 'ProgressDeadlineExceeded' });
});

test('Recreate ends every old pod before the first new one begins', async () => {
  await using lab = await startTestCluster();
  const seen: number[] = [];
  lab.cluster.watch(lab.cluster.resource('pods'), () => seen.push(new Set(imagesOf(lab)).size));
  await lab.apply(deployment('web', { replicas: 2, strategy: { type: 'Recreate' } }));
  await setImage(lab, 'nginx:1.26');
  expect(imagesOf(lab)).toEqual(['nginx:1.26', 'nginx:1.26']);
  expect(Math.max(...seen)).toBe(1);
});

test('going back to an older template reuses its ReplicaSet under a new revision', async () => {
  await using lab = await startTestCluster();
  await lab.apply(deployment('web'));
  const [first] = sets(lab);
  await setImage(lab, 'nginx:1.26');
  await setImage(lab, 'nginx:1.27');
  expect(sets(lab)).toHaveLength(2);
  const again = lab.get<ReplicaSet>('apps/v1 ReplicaSet', first?.metadata.name ?? '');
  expect(again?.metadata.annotations).toMatchObject({
    [REVISION]: '3',
    'deployment.kubernetes.io/revision-history': '1',
  });
  expect(lab.get(KIND, 'web')?.metadata.annotations?.[REVISION]).toBe('3');
});

test('a paused Deployment rolls nothing out but takes a new size', async () => {
  await using lab = await startTestCluster();
  await lab.apply(deployment('web'));
  await lab.edit(KIND, 'web', (draft) => void ((draft as Deployment).spec.paused = true));
  await setImage(lab, 'nginx:1.26');
  await lab.edit(KIND, 'web', (draft) => void ((draft as Deployment).spec.replicas = 2));
  expect(imagesOf(lab)).toEqual(['nginx:1.27', 'nginx:1.27']);
  await lab.edit(KIND, 'web', (draft) => void delete (draft as Deployment).spec.paused);
  expect(imagesOf(lab)).toEqual(['nginx:1.26', 'nginx:1.26']);
});

test('history beyond its limit is deleted, oldest first', async () => {
  await using lab = await startTestCluster();
  await lab.apply(deployment('web', { revisionHistoryLimit: 1 }));
  for (const tag of ['1.25', '1.26', '1.28']) await setImage(lab, `nginx:${tag}`);
  const images = sets(lab).map(({ spec }) => spec.template?.spec?.containers?.[0]?.image);
  expect(sorted(images)).toEqual(['nginx:1.26', 'nginx:1.28']);
});

test('pods that Pod Security refuses leave a ReplicaFailure and FailedCreate events', async () => {
  await using lab = await startTestCluster();
  const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
  await lab.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'strict', labels } });
  const web = deployment('web') as { metadata: object };
  await lab.apply({ ...web, metadata: { name: 'web', namespace: 'strict' } });
  const [set] = lab.list<ReplicaSet>('apps/v1 ReplicaSet', 'strict');
  expect(set?.status.conditions?.[0]).toMatchObject({ type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate' });
  expect(lab.events(set?.metadata.name ?? '')[0]).toMatch(
    /^FailedCreate: Error creating: pods "web-\w+-\w+" is forbidden: violates PodSecurity "restricted:latest": /,
  );
  const conditions = lab.get<Deployment>(KIND, 'web', 'strict')?.status.conditions ?? [];
  expect(conditions.map(({ type }) => type)).toContain('ReplicaFailure');
});

test('a ReplicaSet adopts pods that match it and releases those that no longer do', async () => {
  await using lab = await startTestCluster();
  await lab.apply(pod('stray', {}, { app: 'set' }));
  await lab.apply(replicaSet('set', { replicas: 1 }));
  expect(lab.get('v1 Pod', 'stray')?.metadata.ownerReferences?.[0]).toMatchObject({ kind: 'ReplicaSet', name: 'set' });
  await lab.edit('v1 Pod', 'stray', (draft) => void (draft.metadata.labels = { app: 'debug' }));
  expect(lab.get('v1 Pod', 'stray')?.metadata.ownerReferences).toBeUndefined();
  expect(lab.pods({ app: 'set' })).toHaveLength(1);
});

test('a Deployment takes over the ReplicaSet that an orphaning deletion left', async () => {
  await using lab = await startTestCluster();
  await lab.apply(deployment('web'));
  const before = lab.pods({ app: 'web' })[0]?.metadata.uid;
  await lab.remove(KIND, 'web', { propagationPolicy: 'Orphan' });
  expect(lab.pods({ app: 'web' })).toHaveLength(1);
  await lab.apply(deployment('web'));
  expect(lab.pods({ app: 'web' }).map(({ metadata }) => metadata.uid)).toEqual([before]);
});

test('scaling down takes pods that are not ready first', async () => {
  await using lab = await startTestCluster();
  await lab.apply(replicaSet('set', { replicas: 2 }));
  await lab.apply(
    pod('unready', { containers: [{ ...command('sleep', '60'), image: 'busybox:none' }] }, { app: 'set' }),
  );
  expect(lab.get('v1 Pod', 'unready')).toBeUndefined();
  expect(lab.pods({ app: 'set' })).toHaveLength(2);
});

test('scaling down takes the cheapest pods first', async () => {
  await using lab = await startTestCluster();
  await lab.apply(replicaSet('set', { replicas: 3 }));
  const [, dear] = lab.pods({ app: 'set' });
  const keep = dear?.metadata.name ?? '';
  const cost = { 'controller.kubernetes.io/pod-deletion-cost': '10' };
  await lab.edit('v1 Pod', keep, (draft) => void (draft.metadata.annotations = cost));
  await lab.edit('apps/v1 ReplicaSet', 'set', (draft) => void ((draft as ReplicaSet).spec.replicas = 1));
  expect(lab.pods({ app: 'set' }).map(({ metadata }) => metadata.name)).toEqual([keep]);
});
