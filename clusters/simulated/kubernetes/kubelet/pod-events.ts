import type { EventRecorder } from '../controllers/events.ts';
import type { Pod } from '../model/generated/objects.ts';
import type { KubeletEvent } from './container-status.ts';

/** Records what happened to a pod and its containers, in order. */
export type RecordAll = (pod: Pod, events: readonly KubeletEvent[]) => Promise<void>;

/**
 * Events of a pod's kubelet, about the container where they concern one (pkg/kubelet/container/ref.go GenerateContainerRef). Those of a
 * static pod are about the uid that the kubelet gave it, by which `kubectl describe` looks for them.
 */
export function podEvents(record: EventRecorder): RecordAll {
  return async (pod, events) => {
    const uid = pod.metadata.annotations?.['kubernetes.io/config.mirror'];
    const about = uid === undefined ? pod : { ...pod, metadata: { ...pod.metadata, uid } };
    for (const { container, ...event } of events) {
      const fieldPath = container === undefined ? {} : { fieldPath: `spec.${listOf(pod, container)}{${container}}` };
      await record({ about, ...event, component: 'kubelet', host: pod.spec.nodeName ?? '', ...fieldPath });
    }
  };
}

function listOf({ spec }: Pod, container: string): string {
  const isIn = (list: readonly { readonly name: string }[] | null | undefined): boolean =>
    (list ?? []).some(({ name }) => name === container);
  return isIn(spec.initContainers)
    ? 'initContainers'
    : isIn(spec.ephemeralContainers)
      ? 'ephemeralContainers'
      : 'containers';
}
