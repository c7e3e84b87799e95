import type { PersistentVolume, Pod } from '../../model/generated/objects.ts';
import type { KubeObject } from '../../object.ts';
import type { Cluster } from '../../store/cluster.ts';
import { type Controller, splitKey, watchOwn } from '../controller.ts';
import { WRITING } from '../status.ts';
import { claimKeys, usesClaim } from './claim-users.ts';

const PVC_PROTECTION = 'kubernetes.io/pvc-protection';
const PV_PROTECTION = 'kubernetes.io/pv-protection';

/** pkg/controller/volume/{pvcprotection,pvprotection}: what is in use is deleted only when it no longer is. */
export function volumeProtection(cluster: Cluster): Controller {
  const claims = cluster.resource('persistentvolumeclaims');
  const volumes = cluster.resource('persistentvolumes');
  const pods = cluster.resource('pods');
  const letGo = (draft: KubeObject, finalizer: string): void => {
    draft.metadata.finalizers = (draft.metadata.finalizers ?? []).filter((other) => other !== finalizer);
  };
  return {
    name: 'volume-protection',
    watches: [
      watchOwn(claims),
      watchOwn(volumes),
      { resource: pods, keys: ({ type, object }) => (type === 'ADDED' ? [] : claimKeys(object as Pod)) },
    ],
    async reconcile(key) {
      const { namespace, name } = splitKey(key);
      if (namespace === '') {
        const volume = cluster.get(volumes, '', name) as PersistentVolume | undefined;
        if (!isHeld(volume, PV_PROTECTION) || volume.status?.phase === 'Bound') return;
        await cluster.modify(volumes, { namespace, name }, (draft) => letGo(draft, PV_PROTECTION), WRITING);
        return;
      }
      const claim = cluster.get(claims, namespace, name);
      if (!isHeld(claim, PVC_PROTECTION)) return;
      const users = (cluster.list(pods, namespace) as readonly Pod[]).filter(
        (pod) => usesClaim(pod, name) && pod.spec.nodeName !== undefined && !hasEnded(pod),
      );
      if (users.length > 0) return;
      await cluster.modify(claims, { namespace, name }, (draft) => letGo(draft, PVC_PROTECTION), WRITING);
    },
  };
}

const isHeld = <T extends KubeObject>(object: T | undefined, finalizer: string): object is T =>
  object?.metadata.deletionTimestamp !== undefined && object.metadata.finalizers?.includes(finalizer) === true;

const hasEnded = ({ status }: Pod): boolean => status?.phase === 'Succeeded' || status?.phase === 'Failed';
