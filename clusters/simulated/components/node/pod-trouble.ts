import { backOff, goDuration } from '../../kubernetes/kubelet/back-off.ts';

/** A pod as the kubelet names it in its texts; a static pod's uid is the hash of its file. */
export interface NamedPod {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
}

/** What the kubelet's journal says of a container that it could not start (pkg/kubelet/pod_workers.go, pkg/kubelet/container/sync_result.go). */
export function syncTrouble(pod: NamedPod, container: string, reason: string, message: string): string {
  const why = `failed to "StartContainer" for ${JSON.stringify(container)} with ${reason}: ${JSON.stringify(message)}`;
  return `"Error syncing pod, skipping" err=${JSON.stringify(why)} pod="${pod.namespace}/${pod.name}" podUID="${pod.uid}"`;
}

/** Why a container that has failed so often waits (pkg/kubelet/kuberuntime/kuberuntime_manager.go doBackOff). */
export const backOffText = ({ name, namespace, uid }: NamedPod, container: string, attempt: number): string =>
  `back-off ${goDuration(backOff(attempt))} restarting failed container=${container} pod=${name}_${namespace}(${uid})`;
