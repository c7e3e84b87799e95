import { expect, test } from 'vitest';
import type { PersistentVolumeClaim, Pod } from '../../model/generated/objects.ts';
import { startTestCluster } from '../test-cluster.ts';
import { pod } from '../test-manifests.ts';

const volume = (name: string, more: object = {}): object => ({
  apiVersion: 'v1',
  kind: 'PersistentVolume',
  metadata: { name },
  spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], hostPath: { path: '/d' }, ...more },
});
const wish = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } };
const claim = (name: string, more: object = {}): object => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name },
  spec: { ...wish, ...more },
});
const CLAIM = 'v1 PersistentVolumeClaim';

test.each([
  [{ capacity: { storage: '1Mi' } }, 'requested PV is too small'],
  [{ storageClassName: 'other' }, 'storageClassName does not match'],
  [{ volumeMode: 'Block' }, 'incompatible volumeMode'],
  [{ accessModes: ['ReadOnlyMany'] }, 'incompatible accessMode'],
])('a claim that names a volume with %j is told that it does not suit', async (spec, why) => {
  await using lab = await startTestCluster();
  await lab.apply(volume('v', spec), claim('c', { volumeName: 'v' }));
  expect(lab.events('c')).toEqual([`VolumeMismatch: Cannot bind to requested volume "v": ${why}`]);
  expect(lab.get<PersistentVolumeClaim>(CLAIM, 'c')?.status.phase).toBe('Pending');
});

test('a claim that names a volume waits for it without a word', async () => {
  await using lab = await startTestCluster();
  await lab.apply(claim('c', { volumeName: 'v' }), volume('other'));
  expect(lab.events('c')).toEqual([]);
  await lab.apply(volume('v'));
  expect(lab.get<PersistentVolumeClaim>(CLAIM, 'c')?.status.phase).toBe('Bound');
});

test('a class without a plug-in, or that is not there, provisions nothing and says so', async () => {
  await using lab = await startTestCluster();
  await lab.apply({
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: 'manual' },
    provisioner: 'kubernetes.io/no-provisioner',
  });
  await lab.apply(claim('a', { storageClassName: 'manual' }), claim('b', { storageClassName: 'none' }));
  expect(lab.events('a')).toEqual(['ProvisioningFailed: no volume plugin matched name: kubernetes.io/no-provisioner']);
  expect(lab.events('b')).toEqual(['ProvisioningFailed: storageclass.storage.k8s.io "none" not found']);
});

const scratch = { volumes: [{ name: 'scratch', ephemeral: { volumeClaimTemplate: { spec: wish } } }] };

test('an ephemeral volume gets a claim of its own, which goes with its pod', async () => {
  await using lab = await startTestCluster();
  await lab.apply(volume('v'), pod('p', scratch));
  expect(lab.get<PersistentVolumeClaim>(CLAIM, 'p-scratch')?.status.phase).toBe('Bound');
  expect(lab.get<Pod>('v1 Pod', 'p')?.spec.nodeName).toBe('node01');
  await lab.remove('v1 Pod', 'p');
  await lab.advance(60);
  expect(lab.get(CLAIM, 'p-scratch')).toBeUndefined();
});

test('a claim that somebody else made is not taken for an ephemeral volume', async () => {
  await using lab = await startTestCluster();
  await lab.apply(claim('p-scratch'), pod('p', scratch));
  const why = 'PVC default/p-scratch was not created for pod default/p (pod is not owner)';
  expect(lab.events('p')).toContain(`FailedBinding: ephemeral volume scratch: ${why}`);
  expect(lab.get<Pod>('v1 Pod', 'p')?.status.conditions?.[0]?.message).toContain(`0/1 nodes are available: ${why}.`);
});
