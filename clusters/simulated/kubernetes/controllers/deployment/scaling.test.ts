import { expect, test } from 'vitest';
import type { Deployment, ReplicaSet } from '../../model/generated/objects.ts';
import { startTestCluster, type TestCluster } from '../test-cluster.ts';
import { deployment, replicaSet, withImage } from '../test-manifests.ts';

const KIND = 'apps/v1 Deployment';
const sets = (lab: TestCluster): readonly ReplicaSet[] => lab.list<ReplicaSet>('apps/v1 ReplicaSet', 'default');
const sizeOf = (lab: TestCluster, image: string): number | undefined =>
  sets(lab).find(({ spec }) => spec.template?.spec?.containers[0]?.image === image)?.spec.replicas;
const resize = (lab: TestCluster, replicas: number): Promise<void> =>
  lab.edit(KIND, 'web', (draft) => void ((draft as Deployment).spec.replicas = replicas));
const condition = (lab: TestCluster, type: string): object | undefined =>
  lab.get<Deployment>(KIND, 'web')?.status.conditions?.find((one) => one.type === type);

/** As in the documentation's example: eight old ones left, five new ones that do not come up. */
const rollingUpdate = { maxSurge: 3, maxUnavailable: 2 };
const strategy = { type: 'RollingUpdate', rollingUpdate };

test.each([
  { from: 10, to: 15, old: 11, fresh: 7 },
  { from: 10, to: 5, old: 5, fresh: 3 },
])(
  'scaling from $from to $to in a stuck rollout is shared out: $old old, $fresh new',
  async ({ from, to, old, fresh }) => {
    await using lab = await startTestCluster();
    await lab.apply(deployment('web', { replicas: from, strategy }));
    await lab.edit(KIND, 'web', withImage('nginx:no-such-tag'));
    expect([sizeOf(lab, 'nginx:1.27'), sizeOf(lab, 'nginx:no-such-tag')]).toEqual([8, 5]);
    lab.setKubelet('node01', false);
    const seen: (number | undefined)[][] = [];
    lab.cluster.watch(lab.cluster.resource('replicasets', 'apps'), () =>
      seen.push([sizeOf(lab, 'nginx:1.27'), sizeOf(lab, 'nginx:no-such-tag')]),
    );
    await resize(lab, to);
    expect(seen).toContainEqual([old, fresh]);
  },
);

test('a name that another object has is left to it, and the next hash taken', async () => {
  await using lab = await startTestCluster();
  await lab.apply(deployment('web'));
  const name = sets(lab)[0]?.metadata.name ?? '';
  await lab.remove(KIND, 'web');
  await lab.apply(replicaSet(name), deployment('web'));
  await lab.advance(1);
  expect(lab.get<Deployment>(KIND, 'web')?.status).toMatchObject({ collisionCount: 1, readyReplicas: 1 });
  expect(lab.get('apps/v1 ReplicaSet', name)?.metadata.ownerReferences).toBeUndefined();
});

test('a ReplicaSet that may not be made is told of on the Deployment', async () => {
  await using lab = await startTestCluster();
  await lab.apply({
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: 'q' },
    spec: { hard: { 'count/replicasets.apps': '0' } },
  });
  await lab.apply(deployment('web'));
  const message = expect.stringMatching(
    /^Failed to create new replica set "web-\w+": replicasets.apps "web-\w+" is forbidden: exceeded quota: q,/,
  ) as string;
  expect(condition(lab, 'Progressing')).toMatchObject({ status: 'False', reason: 'ReplicaSetCreateError', message });
  expect(lab.events('web')[0]).toMatch(/^ReplicaSetCreateError: Failed to create new replica set/);
});

test('pausing and resuming are told, and a Deployment that adopts its ReplicaSet says that it found it', async () => {
  await using lab = await startTestCluster();
  await lab.apply(deployment('web'));
  await lab.edit(KIND, 'web', (draft) => void ((draft as Deployment).spec.paused = true));
  expect(condition(lab, 'Progressing')).toMatchObject({ status: 'Unknown', reason: 'DeploymentPaused' });
  await lab.edit(KIND, 'web', (draft) => void delete (draft as Deployment).spec.paused);
  expect(condition(lab, 'Progressing')).toMatchObject({ status: 'True', reason: 'NewReplicaSetAvailable' });
  await lab.remove(KIND, 'web', { propagationPolicy: 'Orphan' });
  const reasons = new Set<string | undefined>();
  lab.cluster.watch(lab.cluster.resource('deployments', 'apps'), ({ object }) =>
    reasons.add((object as Deployment).status?.conditions?.find(({ type }) => type === 'Progressing')?.reason),
  );
  await lab.apply(deployment('web'));
  expect([...reasons]).toEqual([undefined, 'FoundNewReplicaSet', 'NewReplicaSetAvailable']);
});
