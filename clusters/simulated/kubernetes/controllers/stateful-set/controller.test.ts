import { expect, test } from 'vitest';
import type { ControllerRevision, PersistentVolumeClaim, StatefulSet } from '../../model/generated/objects.ts';
import { startTestCluster, type TestCluster } from '../test-cluster.ts';
import { sorted, statefulSet, withImage } from '../test-manifests.ts';

const KIND = 'apps/v1 StatefulSet';
const names = (lab: TestCluster): string[] => lab.pods({ app: 'db' }).map(({ metadata }) => metadata.name);
const images = (lab: TestCluster): unknown[] => lab.pods({ app: 'db' }).map(({ spec }) => spec.containers?.[0]?.image);
const setImage = (lab: TestCluster, image: string): Promise<void> => lab.edit(KIND, 'db', withImage(image));

test('pods come in order with names, labels and host names of their own', async () => {
  await using lab = await startTestCluster();
  await lab.apply(statefulSet('db', { replicas: 3, serviceName: 'db' }));
  expect(names(lab)).toEqual(['db-0', 'db-1', 'db-2']);
  const [first] = lab.pods({ app: 'db' });
  expect(first?.metadata.labels).toMatchObject({
    'apps.kubernetes.io/pod-index': '0',
    'statefulset.kubernetes.io/pod-name': 'db-0',
  });
  expect(first?.spec).toMatchObject({ hostname: 'db-0', subdomain: 'db' });
  expect(lab.events('db')).toEqual(
    [0, 1, 2].map((n) => `SuccessfulCreate: create Pod db-${n} in StatefulSet db successful`),
  );
});

test('a pod that does not become ready holds up the next, except in parallel', async () => {
  await using lab = await startTestCluster();
  const broken = { containers: [{ name: 'c', image: 'nginx:none' }] };
  await lab.apply(statefulSet('db', { replicas: 3 }, broken));
  expect(names(lab)).toEqual(['db-0']);
  await lab.remove(KIND, 'db');
  await lab.apply(statefulSet('db', { replicas: 3, podManagementPolicy: 'Parallel' }, broken));
  expect(names(lab)).toEqual(['db-0', 'db-1', 'db-2']);
});

test('scaling down removes the highest ordinal first, and claims stay', async () => {
  await using lab = await startTestCluster();
  const claim = {
    metadata: { name: 'data' },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  };
  const volume = (name: string): object => ({
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name },
    spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], hostPath: { path: `/${name}` } },
  });
  await lab.apply(volume('a'), volume('b'), statefulSet('db', { replicas: 2, volumeClaimTemplates: [claim] }));
  expect(names(lab)).toEqual(['db-0', 'db-1']);
  await lab.edit(KIND, 'db', (draft) => void ((draft as StatefulSet).spec.replicas = 1));
  expect(names(lab)).toEqual(['db-0']);
  const claims = lab.list<PersistentVolumeClaim>('v1 PersistentVolumeClaim');
  expect(claims.map(({ metadata, status }) => [metadata.name, status.phase])).toEqual([
    ['data-db-0', 'Bound'],
    ['data-db-1', 'Bound'],
  ]);
  expect(lab.events('db')[0]).toBe('SuccessfulCreate: create Claim data-db-0 Pod db-0 in StatefulSet db success');
});

test('an update stops at the partition, and a pod below it comes back as it was', async () => {
  await using lab = await startTestCluster();
  const updateStrategy = { type: 'RollingUpdate', rollingUpdate: { partition: 2 } };
  await lab.apply(statefulSet('db', { replicas: 3, updateStrategy }));
  await setImage(lab, 'nginx:1.26');
  expect(images(lab)).toEqual(['nginx:1.27', 'nginx:1.27', 'nginx:1.26']);
  await lab.remove('v1 Pod', 'db-0');
  expect(images(lab)).toEqual(['nginx:1.27', 'nginx:1.27', 'nginx:1.26']);
  const { status } = lab.get<StatefulSet>(KIND, 'db') ?? {};
  expect(status).toMatchObject({ currentReplicas: 2, updatedReplicas: 1 });
  expect(status?.currentRevision).not.toBe(status?.updateRevision);
});

test('a finished update makes its revision the current one; going back renumbers the old one', async () => {
  await using lab = await startTestCluster();
  await lab.apply(statefulSet('db', { replicas: 2 }));
  await setImage(lab, 'nginx:1.26');
  const status = lab.get<StatefulSet>(KIND, 'db')?.status;
  expect(status?.currentRevision).toBe(status?.updateRevision);
  await setImage(lab, 'nginx:1.27');
  const revisions = lab
    .list<ControllerRevision>('apps/v1 ControllerRevision', 'default')
    .map(({ revision }) => revision);
  expect(sorted(revisions)).toEqual(['2', '3']);
  expect(images(lab)).toEqual(['nginx:1.27', 'nginx:1.27']);
});

test('a deleted pod comes back under its name', async () => {
  await using lab = await startTestCluster();
  await lab.apply(statefulSet('db', { replicas: 2 }));
  const before = lab.get('v1 Pod', 'db-0')?.metadata.uid;
  await lab.remove('v1 Pod', 'db-0');
  expect(lab.get('v1 Pod', 'db-0')?.metadata.uid).not.toBe(before);
  expect(lab.get<StatefulSet>(KIND, 'db')?.status.readyReplicas).toBe(2);
});
