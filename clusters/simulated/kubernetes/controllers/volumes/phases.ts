import { timestamp } from '../../../clock.ts';
import type { PersistentVolume, PersistentVolumeClaim, PersistentVolumeStatus } from '../../model/generated/objects.ts';
import type { Cluster } from '../../store/cluster.ts';
import { type Controller, splitKey, watchOwn } from '../controller.ts';
import type { EventRecorder } from '../events.ts';
import { writeStatus } from '../status.ts';

const component = 'persistentvolume-controller';

/** The phases of volumes: Available, Bound, Released; a released one stays, or is deleted with its claim when it says so. */
export function volumePhases(cluster: Cluster, record: EventRecorder): Controller {
  const claims = cluster.resource('persistentvolumeclaims');
  const volumes = cluster.resource('persistentvolumes');
  return {
    name: 'persistentvolume-phases',
    watches: [
      watchOwn(volumes),
      {
        resource: claims,
        keys: ({ object }) => {
          const { volumeName } = (object as PersistentVolumeClaim).spec;
          return volumeName === undefined ? [] : [`/${volumeName}`];
        },
      },
    ],
    async reconcile(key) {
      const { name } = splitKey(key);
      const volume = cluster.get(volumes, '', name) as PersistentVolume | undefined;
      if (volume === undefined || volume.metadata.deletionTimestamp !== undefined) return;
      const { claimRef, persistentVolumeReclaimPolicy: policy } = volume.spec;
      const claim =
        claimRef === undefined ? undefined : cluster.get(claims, claimRef.namespace ?? '', claimRef.name ?? '');
      const isThere = claim !== undefined && claim.metadata.uid === claimRef?.uid;
      const phase = claimRef?.uid === undefined ? 'Available' : isThere ? 'Bound' : 'Released';
      if (phase === 'Released' && policy === 'Delete') {
        const message = `error getting deleter volume plugin for volume "${name}": no volume plugin matched`;
        await record({ about: volume, type: 'Warning', reason: 'VolumeFailedDelete', message, component });
        await setPhase(volume, { phase: 'Failed', message });
        return;
      }
      await setPhase(volume, { phase });
    },
  };

  function setPhase(volume: PersistentVolume, status: PersistentVolumeStatus): Promise<void> {
    const since = volume.status?.lastPhaseTransitionTime;
    const at = volume.status?.phase === status.phase && since !== undefined ? since : timestamp(cluster.clock);
    return writeStatus(cluster, volumes, volume, { ...status, lastPhaseTransitionTime: at });
  }
}
