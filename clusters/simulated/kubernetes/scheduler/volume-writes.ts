import type { PersistentVolume } from '../model/generated/objects.ts';
import type { Cluster } from '../store/cluster.ts';
import { SELECTED_NODE, type VolumePlan } from './volume-binding.ts';

const WRITING = { fieldManager: 'kube-scheduler' } as const;

/**
 * Writes what a pod's volumes want (volumebinding/binder.go bindAPIUpdate): volumes are reserved for their claims, which the volume
 * controller then binds; other claims are told the node where their volume is to be made.
 */
export async function bindVolumes(cluster: Cluster, { bind, provision }: VolumePlan, node: string): Promise<void> {
  const volumes = cluster.resource('persistentvolumes');
  const claims = cluster.resource('persistentvolumeclaims');
  for (const { claim, volume } of bind) {
    await cluster.modify(
      volumes,
      { namespace: '', name: volume.metadata.name },
      (draft) => {
        const { spec } = draft as PersistentVolume;
        if (spec.claimRef?.uid === claim.metadata.uid) return false;
        const { namespace = '', name, uid = '', resourceVersion = '' } = claim.metadata;
        spec.claimRef = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', name, namespace, uid, resourceVersion };
        const mark = { 'pv.kubernetes.io/bound-by-controller': 'yes' };
        draft.metadata.annotations = { ...draft.metadata.annotations, ...mark };
        return true;
      },
      WRITING,
    );
  }
  for (const { metadata } of provision) {
    await cluster.modify(
      claims,
      { namespace: metadata.namespace ?? '', name: metadata.name },
      (draft) => {
        if (draft.metadata.annotations?.[SELECTED_NODE] === node) return false;
        draft.metadata.annotations = { ...draft.metadata.annotations, [SELECTED_NODE]: node };
        return true;
      },
      WRITING,
    );
  }
}
