import type { LogOptions } from '../apiserver/kubelet-client.ts';
import type { ContainerStatus, Pod } from '../model/generated/objects.ts';
import { badRequest } from '../status.ts';

/**
 * The run of a container whose log is asked for, by its id (pkg/kubelet/kubelet_pods.go validateContainerLogStatus).
 * Throws the `ApiError` of a container that has not run.
 */
export function loggedRun(pod: Pod, { container: name, previous }: Pick<LogOptions, 'container' | 'previous'>): string {
  const { initContainerStatuses = [], containerStatuses = [], ephemeralContainerStatuses = [] } = pod.status;
  const statuses: readonly ContainerStatus[] = [
    ...initContainerStatuses,
    ...containerStatuses,
    ...ephemeralContainerStatuses,
  ];
  const status = statuses.find((one) => one.name === name);
  const about = `container "${name}" in pod "${pod.metadata.name}"`;
  const last = status?.lastState?.terminated?.containerID;
  if (previous) {
    if (last === undefined) throw badRequest(`previous terminated ${about} not found`);
    return last;
  }
  const { running, terminated, waiting } = status?.state ?? {};
  const present = running === undefined ? terminated?.containerID : status?.containerID;
  const found = present ?? last;
  if (found !== undefined) return found;
  const reason = waiting?.reason ?? 'ContainerCreating';
  const pulling = reason === 'ErrImagePull' || reason === 'ImagePullBackOff';
  throw badRequest(`${about} is waiting to start: ${pulling ? 'trying and failing to pull image' : reason}`);
}
