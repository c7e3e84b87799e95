import type { Container, ContainerStatus, Pod, PodStatus } from '../model/generated/objects.ts';
import { endOf } from './container-life.ts';
import { containerOf } from './container-status.ts';
import type { Process } from './process.ts';

/** Of a container that did not end by itself (128 + SIGKILL). */
const KILLED = { goes: 'to its end', after: 0, exitCode: 137 } as const;

/** How the process of a run went; undefined when nobody can say. */
export type RunOf = (container: Container, containerID: string) => Process | undefined;

/** The status of a pod all of whose containers have been ended (pkg/kubelet/status, TerminatePod). `now` in milliseconds. */
export function lastStatus(pod: Pod, runOf: RunOf, now: number): PodStatus {
  const end = (status: ContainerStatus): ContainerStatus => {
    if (status.state?.running === undefined) return status;
    const container = containerOf(pod, status.name);
    const process = container === undefined ? undefined : runOf(container, status.containerID ?? '');
    const terminated = endOf(status, process?.goes === 'to its end' ? process : KILLED, now);
    return { ...status, ready: false, started: false, state: { terminated } };
  };
  const { initContainerStatuses, containerStatuses = [], ephemeralContainerStatuses } = pod.status;
  const ended = containerStatuses.map(end);
  const clean = ended.every(({ state }) => state?.terminated?.exitCode === 0);
  return {
    ...pod.status,
    phase: clean ? 'Succeeded' : 'Failed',
    containerStatuses: ended,
    ...(initContainerStatuses === undefined ? {} : { initContainerStatuses: initContainerStatuses.map(end) }),
    ...(ephemeralContainerStatuses === undefined
      ? {}
      : { ephemeralContainerStatuses: ephemeralContainerStatuses.map(end) }),
  };
}
