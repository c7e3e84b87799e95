import type { Container, ContainerStatus, Pod, PodStatus } from '../model/generated/objects.ts';
import { type ContainerContext, nextContainer } from './container-life.ts';
import { type KubeletEvent, type RestartPolicy, stamp, statusesOf, waiting } from './container-status.ts';
import { conditionsOf, phaseOf } from './pod-conditions.ts';
import { comesBack, haveEnded, policyOf } from './restart-policy.ts';

export interface LifeContext extends ContainerContext {
  readonly hostIP: string;
  /** An address for a pod that has a network of its own. */
  readonly podIP: () => string;
  /** Whether the pod's volumes are there; until then none of its containers starts. */
  readonly isMounted: boolean;
}

export interface NextLife {
  readonly status: PodStatus;
  readonly events: readonly KubeletEvent[];
  /** Containers that are to end now: sidecars of a pod whose own work is done. */
  readonly ends: readonly string[];
  /** Milliseconds until the clock alone changes something. */
  readonly again?: number;
}

const isSidecar = ({ restartPolicy }: Container): boolean => restartPolicy === 'Always';

/**
 * The pod's next status on its node: from what it asks for, what its status says, and what a container's start would come to
 * (pkg/kubelet/kubelet_pods.go, kuberuntime_manager.go). The first call accepts the pod, later ones run it.
 */
export function nextLife(pod: Pod, context: LifeContext): NextLife {
  if (pod.status.startTime === undefined) return accepted(pod, context);
  const events: KubeletEvent[] = [];
  const waits: number[] = [];
  const before = new Map(statusesOf(pod.status).map((status) => [status.name, status]));
  const isDone = haveEnded(pod, pod.status.containerStatuses ?? []);
  const step = (container: Container, restarts: RestartPolicy): ContainerStatus => {
    const was = before.get(container.name);
    if (!context.isMounted && was?.state?.running === undefined) return was ?? waiting(container, 'ContainerCreating');
    const life = nextContainer(pod, container, was, restarts, context);
    events.push(...life.events);
    if (life.again !== undefined) waits.push(life.again);
    return life.status;
  };

  const init = initContainers(pod, { step, before, isDone });
  const { initialized } = init;
  const statuses = (pod.spec.containers ?? []).map((container) =>
    initialized
      ? step(container, policyOf(pod, container))
      : (before.get(container.name) ?? waiting(container, 'PodInitializing')),
  );
  // What `kubectl debug` adds starts beside whatever runs, and is never restarted.
  const ephemeral = (pod.spec.ephemeralContainers ?? []).map((container) => step(container as Container, 'Never'));
  const running = (pod.spec.initContainers ?? []).filter(
    (container, i) => isSidecar(container) && init.statuses[i]?.state?.running !== undefined,
  );
  const phase = phaseOf(pod, statuses, { ...init, sidecarsRun: running.length > 0 });
  const podIP = pod.status.podIP ?? (pod.spec.hostNetwork === true ? context.hostIP : context.podIP());
  const hasSandbox = context.isMounted || pod.status.podIP !== undefined;
  const status: PodStatus = {
    ...pod.status,
    phase,
    conditions: conditionsOf(pod, statuses, { initialized, phase, hasSandbox }, context.now),
    hostIP: context.hostIP,
    hostIPs: [{ ip: context.hostIP }],
    ...(hasSandbox ? { podIP, podIPs: [{ ip: podIP }] } : {}),
    containerStatuses: statuses,
    ...(init.statuses.length === 0 ? {} : { initContainerStatuses: init.statuses }),
    ...(ephemeral.length === 0 ? {} : { ephemeralContainerStatuses: ephemeral }),
  };
  const ends = initialized && haveEnded(pod, statuses) ? running.map(({ name }) => name) : [];
  return { status, events, ends, ...(waits.length === 0 ? {} : { again: Math.min(...waits) }) };
}

/** One after another until the first that is not done; a sidecar has to have started, and goes on. */
function initContainers(
  pod: Pod,
  {
    step,
    before,
    isDone,
  }: {
    step: (container: Container, restarts: RestartPolicy) => ContainerStatus;
    before: ReadonlyMap<string, ContainerStatus>;
    isDone: boolean;
  },
): { statuses: ContainerStatus[]; initialized: boolean; initFailed: boolean } {
  const statuses: ContainerStatus[] = [];
  // Once an ordinary container has been made, a sidecar that is away for a moment does not undo it.
  const hasBegun = (pod.status.containerStatuses ?? []).some(({ containerID }) => containerID !== undefined);
  let initialized = true;
  let initFailed = false;
  for (const container of pod.spec.initContainers ?? []) {
    if (!initialized) {
      statuses.push(before.get(container.name) ?? waiting(container, 'PodInitializing'));
      continue;
    }
    const sidecar = isSidecar(container);
    // When the pod's own work is done, nothing brings its sidecars back.
    const own = policyOf(pod, container);
    // An init container that has done well is done.
    const restarts = sidecar ? (isDone ? 'Never' : 'Always') : own === 'Never' ? 'Never' : 'OnFailure';
    const status = step(container, restarts);
    statuses.push(status);
    const ended = status.state?.terminated;
    if (sidecar ? status.started !== true && !hasBegun : ended?.exitCode !== 0) initialized = false;
    if (!sidecar && ended !== undefined && ended.exitCode !== 0 && !comesBack(container, restarts, ended.exitCode))
      initFailed = true;
  }
  return { statuses, initialized, initFailed };
}

function accepted(pod: Pod, context: LifeContext): NextLife {
  const hasInit = (pod.spec.initContainers ?? []).length > 0;
  const reason = hasInit ? 'PodInitializing' : 'ContainerCreating';
  const statuses = (pod.spec.containers ?? []).map((container) => waiting(container, reason));
  const status: PodStatus = {
    ...pod.status,
    phase: 'Pending',
    startTime: stamp(context.now),
    hostIP: context.hostIP,
    hostIPs: [{ ip: context.hostIP }],
    conditions: conditionsOf(pod, statuses, { initialized: !hasInit, phase: 'Pending' }, context.now),
    containerStatuses: statuses,
    ...(hasInit
      ? {
          initContainerStatuses: (pod.spec.initContainers ?? []).map((container) =>
            waiting(container, 'PodInitializing'),
          ),
        }
      : {}),
  };
  return { status, events: [], ends: [], again: 0 };
}
