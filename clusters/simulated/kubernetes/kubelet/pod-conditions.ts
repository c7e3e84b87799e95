import type { ContainerStatus, Pod, PodCondition } from '../model/generated/objects.ts';
import { stamp } from './container-status.ts';
import { haveEnded } from './restart-policy.ts';

/**
 * The phase by the statuses of the containers that make it up: the ordinary ones, and the sidecars that still run beside them
 * (pkg/kubelet/kubelet_pods.go getPhase).
 */
export function phaseOf(
  pod: Pod,
  statuses: readonly ContainerStatus[],
  { initialized, initFailed, sidecarsRun }: { initialized: boolean; initFailed: boolean; sidecarsRun: boolean },
): string {
  if (initFailed) return 'Failed';
  if (!initialized) return 'Pending';
  if (!sidecarsRun && haveEnded(pod, statuses)) {
    return statuses.every(({ state }) => state?.terminated?.exitCode === 0) ? 'Succeeded' : 'Failed';
  }
  const begun = statuses.some(({ state, lastState }) => state?.running ?? state?.terminated ?? lastState?.terminated);
  return begun ? 'Running' : 'Pending';
}

/** The five conditions of a pod on a node, in the order the kubelet writes them (pkg/kubelet/status/generate.go). */
export function conditionsOf(
  pod: Pod,
  statuses: readonly ContainerStatus[],
  { initialized, phase, hasSandbox = true }: { initialized: boolean; phase: string; hasSandbox?: boolean },
  now: number,
): PodCondition[] {
  const unready = statuses.filter(({ ready }) => !ready).map(({ name }) => name);
  const ended = phase === 'Succeeded';
  const notReady = ended
    ? { reason: 'PodCompleted' }
    : phase === 'Failed'
      ? { reason: 'PodFailed' }
      : { reason: 'ContainersNotReady', message: `containers with unready status: [${unready.join(' ')}]` };
  const notInitialized = (pod.spec.initContainers ?? []).map(({ name }) => name).join(' ');
  const ready = unready.length === 0 && initialized && !ended;
  const sandbox =
    hasSandbox &&
    statuses.some(({ state }) => state?.waiting?.reason !== 'ContainerCreating') &&
    phase !== 'Succeeded' &&
    phase !== 'Failed';
  const wanted: [string, boolean, object][] = [
    ['PodReadyToStartContainers', sandbox, {}],
    [
      'Initialized',
      initialized,
      ended
        ? { reason: 'PodCompleted' }
        : { reason: 'ContainersNotInitialized', message: `containers with incomplete status: [${notInitialized}]` },
    ],
    ['Ready', ready, notReady],
    ['ContainersReady', ready, notReady],
    ['PodScheduled', true, {}],
  ];
  return wanted.map(([type, holds, why]) => {
    const status = holds ? 'True' : 'False';
    const before = pod.status.conditions?.find((condition) => condition.type === type);
    const lastTransitionTime = before?.status === status ? (before.lastTransitionTime ?? stamp(now)) : stamp(now);
    const explained = holds && !(ended && type === 'Initialized') ? {} : why;
    const observedGeneration = pod.metadata.generation;
    return {
      type,
      status,
      lastTransitionTime,
      ...(observedGeneration === undefined ? {} : { observedGeneration }),
      ...explained,
    };
  });
}
