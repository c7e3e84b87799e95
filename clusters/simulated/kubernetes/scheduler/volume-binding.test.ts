import { expect, test } from 'vitest';
import { startTestCluster } from '../controllers/test-cluster.ts';
import { pod } from '../controllers/test-manifests.ts';
import type { PersistentVolumeClaim } from '../model/generated/objects.ts';
import type { KubeObject } from '../object.ts';
import { nodeOf, twoZones, why } from './test-zones.ts';

const storageClass = (provisioner: string): object => ({
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: { name: 'local' },
  provisioner,
  volumeBindingMode: 'WaitForFirstConsumer',
});
const claim = {
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name: 'c' },
  spec: { storageClassName: 'local', accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
};
const claimed = { volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'c' } }] };
const volumeIn = (zone: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'PersistentVolume',
  metadata: { name: `in-${zone}` },
  spec: {
    storageClassName: 'local',
    capacity: { storage: '1Gi' },
    accessModes: ['ReadWriteOnce'],
    local: { path: '/d' },
    nodeAffinity: {
      required: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'zone', operator: 'In', values: [zone] }] }] },
    },
  },
});

test('a claim that waits for its first consumer gets the volume of the node where the pod can go', async () => {
  await using lab = await twoZones();
  await lab.apply(storageClass('kubernetes.io/no-provisioner'), claim);
  expect(lab.events('c')).toEqual(['WaitForFirstConsumer: waiting for first consumer to be created before binding']);
  await lab.apply(pod('p', claimed));
  expect(why(lab, 'p')).toContain("2 node(s) didn't find available persistent volumes to bind");
  await lab.advance(15);
  expect(lab.events('c').at(-1)).toBe('WaitForPodScheduled: waiting for pod p to be scheduled');
  await lab.apply(volumeIn('b'));
  expect(nodeOf(lab, 'p')).toBe('node02');
  expect(lab.get<PersistentVolumeClaim>('v1 PersistentVolumeClaim', 'c')?.status.phase).toBe('Bound');
  await lab.apply(pod('elsewhere', { ...claimed, nodeSelector: { zone: 'a' } }));
  expect(why(lab, 'elsewhere')).toMatch(
    /1 node\(s\) didn't match PersistentVolume's node affinity, 1 node\(s\) didn't match Pod's node affinity\/selector\./,
  );
});

test('a claim whose provisioner does not come keeps its pod pending, and tells whom it waits for', async () => {
  await using lab = await startTestCluster();
  await lab.apply(storageClass('example.com/disks'), claim, pod('p', claimed));
  const waiting = lab.get<PersistentVolumeClaim>('v1 PersistentVolumeClaim', 'c');
  expect(waiting?.metadata.annotations).toMatchObject({
    'volume.kubernetes.io/selected-node': 'node01',
    'volume.kubernetes.io/storage-provisioner': 'example.com/disks',
  });
  expect(lab.events('c').at(-1)).toMatch(
    /^ExternalProvisioning: Waiting for a volume to be created either by the external provisioner 'example.com\/disks'/,
  );
  expect(lab.events('p')).toEqual([]);
  await lab.advance(601);
  expect(lab.events('p')[0]).toBe(
    'FailedScheduling: running PreBind plugin "VolumeBinding": binding volumes: context deadline exceeded',
  );
});
