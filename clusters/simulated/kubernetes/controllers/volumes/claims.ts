import type { PersistentVolume, PersistentVolumeClaim, Pod, StorageClass } from '../../model/generated/objects.ts';
import type { Cluster } from '../../store/cluster.ts';
import { type Controller, keyOf, splitKey, watchOwn } from '../controller.ts';
import type { EventRecorder } from '../events.ts';
import { writeStatus, WRITING } from '../status.ts';
import { isFor, volumeFor } from './binding.ts';
import { claimKeys, usesClaim } from './claim-users.ts';

const component = 'persistentvolume-controller';
const BOUND = { 'pv.kubernetes.io/bind-completed': 'yes', 'pv.kubernetes.io/bound-by-controller': 'yes' };

/** pkg/controller/volume/persistentvolume: claims find volumes. Nobody provisions new ones here; the events say what is missing. */
export function claimBinder(cluster: Cluster, record: EventRecorder): Controller {
  const claims = cluster.resource('persistentvolumeclaims');
  const volumes = cluster.resource('persistentvolumes');
  const classes = cluster.resource('storageclasses', 'storage.k8s.io');
  const pods = cluster.resource('pods');
  const all = (): readonly PersistentVolume[] => cluster.list(volumes) as readonly PersistentVolume[];

  const pending = (): string[] =>
    (cluster.list(claims) as readonly PersistentVolumeClaim[])
      .filter(({ status }) => status.phase !== 'Bound')
      .map(keyOf);

  async function bind(claim: PersistentVolumeClaim, volume: PersistentVolume): Promise<void> {
    const { namespace = '', name, uid = '' } = claim.metadata;
    await cluster.modify(
      volumes,
      { namespace: '', name: volume.metadata.name },
      (draft) => {
        const { spec } = draft as PersistentVolume;
        if (isFor(volume, claim) && spec.claimRef?.uid === uid) return false;
        if (spec.claimRef === undefined) {
          const mark = { 'pv.kubernetes.io/bound-by-controller': 'yes' };
          draft.metadata.annotations = { ...draft.metadata.annotations, ...mark };
        }
        const resourceVersion = claim.metadata.resourceVersion ?? '';
        spec.claimRef = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', name, namespace, uid, resourceVersion };
        return true;
      },
      WRITING,
    );
    const bound = (await cluster.modify(
      claims,
      { namespace, name },
      (draft) => {
        draft.metadata.annotations = { ...draft.metadata.annotations, ...BOUND };
        (draft as PersistentVolumeClaim).spec.volumeName = volume.metadata.name;
      },
      WRITING,
    )) as PersistentVolumeClaim | undefined;
    if (bound === undefined) return;
    const { accessModes = [], capacity = {} } = volume.spec;
    await writeStatus(cluster, claims, bound, { ...bound.status, phase: 'Bound', accessModes, capacity });
  }

  /** Why a claim stays pending, as an event. */
  async function tellWaiting(claim: PersistentVolumeClaim): Promise<void> {
    const name = claim.spec.storageClassName ?? '';
    const tell = (type: 'Normal' | 'Warning', reason: string, message: string): Promise<void> =>
      record({ about: claim, type, reason, message, component });
    if (name === '') {
      return tell(
        'Normal',
        'FailedBinding',
        'no persistent volumes available for this claim and no storage class is set',
      );
    }
    const found = cluster.get(classes, '', name) as StorageClass | undefined;
    if (found === undefined) {
      return tell('Warning', 'ProvisioningFailed', `storageclass.storage.k8s.io "${name}" not found`);
    }
    if (waits(found) && !isUsed(claim)) {
      const message = 'waiting for first consumer to be created before binding';
      return tell('Normal', 'WaitForFirstConsumer', message);
    }
    const message =
      `Waiting for a volume to be created either by the external provisioner '${found.provisioner}' or manually by the system ` +
      'administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.';
    return tell('Normal', 'ExternalProvisioning', message);
  }

  const isUsed = (claim: PersistentVolumeClaim): boolean =>
    (cluster.list(pods, claim.metadata.namespace) as readonly Pod[]).some((pod) => usesClaim(pod, claim.metadata.name));

  function mayBind(claim: PersistentVolumeClaim): boolean {
    const found = cluster.get(classes, '', claim.spec.storageClassName ?? '') as StorageClass | undefined;
    return found === undefined || !waits(found) || isUsed(claim);
  }

  return {
    name: 'persistentvolume-binder',
    watches: [
      watchOwn(claims),
      { resource: volumes, keys: pending },
      { resource: classes, keys: pending },
      { resource: pods, keys: ({ type, object }) => (type === 'ADDED' ? claimKeys(object as Pod) : []) },
    ],
    async reconcile(key) {
      const { namespace, name } = splitKey(key);
      const claim = cluster.get(claims, namespace, name) as PersistentVolumeClaim | undefined;
      if (claim === undefined || claim.metadata.deletionTimestamp !== undefined) return;
      if (claim.status.phase === 'Bound') {
        const { volumeName = '' } = claim.spec;
        if (cluster.get(volumes, '', volumeName) !== undefined) return;
        await writeStatus(cluster, claims, claim, { phase: 'Lost' });
        const message = 'Bound claim has lost its PersistentVolume. Data on the volume is lost!';
        await record({ about: claim, type: 'Warning', reason: 'ClaimLost', message, component });
        return;
      }
      if (claim.status.phase === 'Lost') return;
      const volume = mayBind(claim) ? volumeFor(claim, all()) : undefined;
      if (volume === undefined) await tellWaiting(claim);
      else await bind(claim, volume);
    },
  };
}

const waits = ({ volumeBindingMode }: StorageClass): boolean => volumeBindingMode === 'WaitForFirstConsumer';
