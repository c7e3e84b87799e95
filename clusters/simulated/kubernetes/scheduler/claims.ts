import type { PersistentVolumeClaim, Pod, StorageClass } from '../model/generated/objects.ts';
import type { Cluster } from '../store/cluster.ts';

/** What keeps a pod from every node because of its volumes (scheduler/framework/plugins/volumebinding); undefined for nothing. */
export function claimProblem(cluster: Cluster, pod: Pod): string | undefined {
  const claims = cluster.resource('persistentvolumeclaims');
  const classes = cluster.resource('storageclasses', 'storage.k8s.io');
  for (const { persistentVolumeClaim } of pod.spec.volumes ?? []) {
    if (persistentVolumeClaim === undefined) continue;
    const name = persistentVolumeClaim.claimName;
    const claim = cluster.get(claims, pod.metadata.namespace ?? '', name) as PersistentVolumeClaim | undefined;
    if (claim === undefined) return `persistentvolumeclaim "${name}" not found`;
    if (claim.metadata.deletionTimestamp !== undefined) return `persistentvolumeclaim "${name}" is being deleted`;
    if (claim.status?.phase === 'Lost')
      return `persistentvolumeclaim "${name}" bound to non-existent persistentvolume "${claim.spec.volumeName}"`;
    if (claim.status?.phase === 'Bound') continue;
    const found = cluster.get(classes, '', claim.spec.storageClassName ?? '') as StorageClass | undefined;
    return found?.volumeBindingMode === 'WaitForFirstConsumer'
      ? "node(s) didn't find available persistent volumes to bind"
      : 'pod has unbound immediate PersistentVolumeClaims';
  }
  return undefined;
}
