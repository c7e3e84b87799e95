import type { Pod } from '../../model/generated/objects.ts';
import type { KubeObject } from '../../object.ts';
import type { Cluster } from '../../store/cluster.ts';
import { type Controller, keyOf, splitKey } from '../controller.ts';
import type { EventRecorder } from '../events.ts';
import { controllerOf, controllerReference } from '../ownership.ts';
import { WRITING } from '../status.ts';

/** pkg/controller/volume/ephemeral: makes the claims of generic ephemeral volumes; they go with their pod. */
export function ephemeralVolumeController(cluster: Cluster, record: EventRecorder): Controller {
  const pods = cluster.resource('pods');
  const claims = cluster.resource('persistentvolumeclaims');

  async function makeClaim(pod: Pod, name: string, template: object): Promise<void> {
    const { metadata = {}, spec } = structuredClone(template) as { metadata?: object; spec: object };
    const { namespace = '' } = pod.metadata;
    const claimName = `${pod.metadata.name}-${name}`;
    try {
      const found = cluster.get(claims, namespace, claimName);
      if (found !== undefined) {
        if (controllerOf(found)?.uid === pod.metadata.uid) return;
        const who = `${namespace}/${pod.metadata.name}`;
        throw new Error(`PVC ${namespace}/${claimName} was not created for pod ${who} (pod is not owner)`);
      }
      const claim: KubeObject = {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: { ...metadata, name: claimName, namespace, ownerReferences: [controllerReference(pod)] },
        spec,
      };
      await cluster.create(claims, claim, WRITING);
    } catch (error) {
      const message = `ephemeral volume ${name}: ${error instanceof Error ? error.message : String(error)}`;
      await record({ about: pod, type: 'Warning', reason: 'FailedBinding', message, component: 'ephemeral_volume' });
      throw error;
    }
  }

  const hasAny = ({ spec }: Pod): boolean => (spec.volumes ?? []).some(({ ephemeral }) => ephemeral !== undefined);

  return {
    name: 'ephemeral-volume-controller',
    watches: [
      {
        resource: pods,
        keys: ({ type, object }) => (type === 'ADDED' && hasAny(object as Pod) ? [keyOf(object)] : []),
      },
      {
        resource: claims,
        keys: ({ type, object }) => {
          const owner = type === 'DELETED' ? controllerOf(object) : undefined;
          return owner?.kind === 'Pod' ? [`${object.metadata.namespace ?? ''}/${owner.name}`] : [];
        },
      },
    ],
    async reconcile(key) {
      const { namespace, name } = splitKey(key);
      const pod = cluster.get(pods, namespace, name) as Pod | undefined;
      if (pod === undefined || pod.metadata.deletionTimestamp !== undefined) return;
      for (const volume of pod.spec.volumes ?? []) {
        const template = volume.ephemeral?.volumeClaimTemplate;
        if (template !== undefined) await makeClaim(pod, volume.name, template);
      }
    },
  };
}
