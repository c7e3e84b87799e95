import type { Pod, PodTemplateSpec } from '../model/generated/objects.ts';
import type { KubeObject } from '../object.ts';
import { controllerReference } from './ownership.ts';

/** A pod that has not ended and is not being deleted (controller_utils.go IsPodActive). */
export const isActive = ({ metadata, status }: Pod): boolean =>
  metadata.deletionTimestamp === undefined && status?.phase !== 'Succeeded' && status?.phase !== 'Failed';

export const isReady = ({ status }: Pod): boolean =>
  (status?.conditions ?? []).some(({ type, status }) => type === 'Ready' && status === 'True');

/** Ready for at least `minReadySeconds` (podutil.IsPodAvailable). Returns the milliseconds still to wait, 0 when available. */
export function untilAvailable(pod: Pod, minReadySeconds: number, now: number): number {
  const ready = pod.status?.conditions?.find(({ type, status }) => type === 'Ready' && status === 'True');
  if (ready === undefined) return Infinity;
  if (minReadySeconds === 0) return 0;
  return Math.max(0, Date.parse(ready.lastTransitionTime ?? '') + minReadySeconds * 1000 - now);
}

/** A pod of a template for the API server to complete and name (controller_utils.go GetPodFromTemplate). */
export function podFrom(template: PodTemplateSpec, owner: KubeObject): KubeObject {
  const { labels, annotations, finalizers } = template.metadata ?? {};
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: '',
      generateName: `${owner.metadata.name}-`,
      namespace: owner.metadata.namespace ?? '',
      ...(labels === undefined ? {} : { labels: { ...labels } }),
      ...(annotations === undefined ? {} : { annotations: { ...annotations } }),
      ...(finalizers === undefined ? {} : { finalizers: [...finalizers] }),
      ownerReferences: [controllerReference(owner)],
    },
    spec: structuredClone(template.spec),
  };
}

/** The shortest of the waits that will end by themselves; undefined when there is none. */
export function soonest(waits: readonly number[]): number | undefined {
  const ending = waits.filter((wait) => wait > 0 && wait !== Infinity);
  return ending.length === 0 ? undefined : Math.min(...ending);
}
