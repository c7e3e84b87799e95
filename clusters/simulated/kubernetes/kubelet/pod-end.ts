import { findImage, type Image } from '../../images/image.ts';
import type { ContainerStatus, Pod, PodStatus } from '../model/generated/objects.ts';

/** What a process that is asked to end exits with: a server by itself, anything else is killed (128 + SIGKILL). */
const ASKED = 0;
const KILLED = 137;

/** The status of a pod that was deleted and whose containers were ended (pkg/kubelet/status, TerminatePod). `now` in milliseconds. */
export function lastStatus(pod: Pod, images: readonly Image[], now: number): PodStatus {
  const finishedAt = `${new Date(now).toISOString().slice(0, 19)}Z`;
  const end = (status: ContainerStatus): ContainerStatus => {
    if (status.state?.terminated !== undefined) return status;
    const container = pod.spec.containers?.find(({ name }) => name === status.name);
    const serves =
      container?.command === undefined && findImage(images, container?.image ?? '')?.behaviour === 'serves';
    const exitCode = serves ? ASKED : KILLED;
    const startedAt = status.state?.running?.startedAt ?? finishedAt;
    const reason = exitCode === 0 ? 'Completed' : 'Error';
    return {
      ...status,
      ready: false,
      started: false,
      state: { terminated: { exitCode, reason, startedAt, finishedAt, containerID: status.containerID ?? '' } },
    };
  };
  const containerStatuses = (pod.status.containerStatuses ?? []).map(end);
  const clean = containerStatuses.every(({ state }) => state?.terminated?.exitCode === 0);
  return { ...pod.status, phase: clean ? 'Succeeded' : 'Failed', containerStatuses };
}
