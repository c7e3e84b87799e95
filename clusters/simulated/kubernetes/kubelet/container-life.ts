import { findImage, type Image } from '../../images/image.ts';
import type { Container, ContainerState, ContainerStatus, Pod } from '../model/generated/objects.ts';
import { backOff, goDuration } from './back-off.ts';
import { type StartContext, startOf } from './container-start.ts';
import { imageOf, type KubeletEvent, type RestartPolicy, stamp, waiting } from './container-status.ts';
import { held, type ContainerLife, type VainTries } from './held.ts';
import { pulled } from './image-pull.ts';
import { type Process, processOf } from './process.ts';
import { comesBack } from './restart-policy.ts';
import type { Health } from './probes/health.ts';

export interface ContainerContext extends StartContext {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Kept between calls. */
  readonly vainTries: VainTries;
  /** How that run of a container goes when it does not go as foretold: it really runs, or was told to end. */
  readonly run: (container: Container, image: Image, containerID: string) => Process | undefined;
  /** What its probes and its postStart hook say of a running container. */
  readonly health: (container: Container, status: ContainerStatus) => Health;
  /** 64 hexadecimal digits. */
  readonly newContainerId: () => string;
  /** Whether the node need not pull a container's image; what it pulls for that it has from then on. */
  readonly isPresent: (container: Container) => boolean;
  /** Why the node's runtime does not make the container; undefined when it does. */
  readonly refusal?: (container: Container) => string | undefined;
}

/** A container of a pod at one look. */
interface Look {
  readonly pod: Pod;
  readonly container: Container;
  readonly restarts: RestartPolicy;
  readonly context: ContainerContext;
}

/** The next status of one container (pkg/kubelet/kuberuntime/kuberuntime_manager.go computePodActions). */
export function nextContainer(
  pod: Pod,
  container: Container,
  before: ContainerStatus | undefined,
  restarts: RestartPolicy,
  context: ContainerContext,
): ContainerLife {
  const look: Look = { pod, container, restarts, context };
  const was = before ?? waiting(container, 'ContainerCreating');
  if (was.state?.running !== undefined) return goesOn(was, [], look);
  const ended = was.state?.terminated;
  if (ended !== undefined) {
    return comesBack(container, restarts, ended.exitCode) ? restart(was, look) : { status: was, events: [] };
  }
  if (was.state?.waiting?.reason === 'CrashLoopBackOff') return restart(was, look);
  return start(was, look);
}

/** A container that has ended comes back: at once the first time, then after a growing wait. */
function restart(was: ContainerStatus, look: Look): ContainerLife {
  const { pod, container, context } = look;
  const last = was.state?.terminated ?? was.lastState?.terminated;
  const wait = was.restartCount === 0 ? 0 : backOff(was.restartCount - 1);
  const left = Date.parse(last?.finishedAt ?? '') + wait - context.now;
  const lastState: ContainerState = last === undefined ? {} : { terminated: last };
  if (left > 0) {
    const about = `${pod.metadata.name}_${pod.metadata.namespace}(${pod.metadata.uid})`;
    const message = `back-off ${goDuration(wait)} restarting failed container=${container.name} pod=${about}`;
    const isNew = was.state?.waiting?.reason !== 'CrashLoopBackOff';
    const text = `Back-off restarting failed container ${container.name} in pod ${about}`;
    const events: KubeletEvent[] = isNew
      ? [{ type: 'Warning', reason: 'BackOff', message: text, container: container.name }]
      : [];
    const state = { waiting: { reason: 'CrashLoopBackOff', message } };
    return { status: { ...was, ready: false, started: false, state, lastState }, events, again: left };
  }
  return start({ ...was, restartCount: was.restartCount + 1, lastState }, look);
}

const event = (container: Container, reason: string, message: string): KubeletEvent => ({
  type: 'Normal',
  reason,
  message,
  container: container.name,
});

const failed = (container: Container, message: string): KubeletEvent => ({
  type: 'Warning',
  reason: 'Failed',
  message: `Error: ${message}`,
  container: container.name,
});

/** What is told of a container's image before the container is made of it. The node has the image from then on. */
const imageEvents = (container: Container, image: Image, { isPresent }: ContainerContext): KubeletEvent[] => {
  const there = `Container image "${container.image}" already present on machine and can be accessed by the pod`;
  if (isPresent(container)) return [event(container, 'Pulled', there)];
  return pulled(container, image).map(([reason, message]) => event(container, reason, message));
};

function start(was: ContainerStatus, look: Look): ContainerLife {
  const { pod, container, context } = look;
  const begun = startOf(pod, container, context);
  const image = findImage(context.images, container.image ?? '');
  const trying = { ...context, imageEvents: () => (image === undefined ? [] : imageEvents(container, image, context)) };
  if (begun.outcome === 'waits') return held(container, was, begun, trying);
  const refusal = context.refusal?.(container);
  if (refusal !== undefined) return held(container, was, { reason: 'CreateContainerError', message: refusal }, trying);
  const process = processOf(container, begun.image);
  const made = [...trying.imageEvents(), event(container, 'Created', 'Container created')];
  if (process.goes === 'nowhere') return failedStart(was, made, process.message, look);
  const events = [...made, event(container, 'Started', 'Container started')];
  const status: ContainerStatus = {
    ...was,
    ...imageOf(container),
    containerID: `containerd://${context.newContainerId()}`,
    started: false,
    state: { running: { startedAt: stamp(context.now) } },
  };
  return goesOn(status, events, look);
}

/** The runtime could not start the process: the container has ended before it ran (kuberuntime_container.go ErrRunContainer). */
function failedStart(
  was: ContainerStatus,
  made: readonly KubeletEvent[],
  message: string,
  { container, restarts, context }: Look,
): ContainerLife {
  const events: KubeletEvent[] = [...made, failed(container, message)];
  const containerID = `containerd://${context.newContainerId()}`;
  const finishedAt = stamp(context.now);
  const terminated = { exitCode: 128, reason: 'StartError', message, startedAt: stamp(0), finishedAt, containerID };
  const status: ContainerStatus = {
    ...was,
    ...imageOf(container),
    containerID,
    ready: false,
    started: false,
    state: { terminated },
  };
  return { status, events, ...(restarts === 'Never' ? {} : { again: 0 }) };
}

/** A running container: still going, at its end, or restarted at once. */
function goesOn(
  status: ContainerStatus,
  events: readonly KubeletEvent[],
  { pod, container, restarts, context }: Look,
): ContainerLife {
  const begun = startOf(pod, container, context);
  const startedAt = status.state?.running?.startedAt ?? stamp(context.now);
  const process: Process =
    begun.outcome === 'started'
      ? (context.run(container, begun.image, status.containerID ?? '') ?? processOf(container, begun.image))
      : { goes: 'on' };
  const left =
    process.goes === 'to its end' ? Math.max(0, Date.parse(startedAt) + process.after - context.now) : undefined;
  if (process.goes === 'to its end' && left === 0) {
    const ended = {
      ...status,
      ready: false,
      started: false,
      state: { terminated: endOf(status, process, context.now) },
    };
    const isRestarted = comesBack(container, restarts, process.exitCode);
    // One that ran for real, or rather did not, tells so only now.
    const told = process.reason === 'StartError' ? [...events, failed(container, process.message ?? '')] : events;
    return { status: ended, events: told, ...(isRestarted ? { again: 0 } : {}) };
  }
  const { started, ready } = context.health(container, status);
  return { status: { ...status, started, ready }, events, ...(left === undefined ? {} : { again: left }) };
}

/** The `state.terminated` of a run that is over. `now` in milliseconds since 1970. */
export function endOf(
  status: ContainerStatus,
  { exitCode, reason, message }: Extract<Process, { goes: 'to its end' }>,
  now: number,
): NonNullable<ContainerState['terminated']> {
  return {
    exitCode,
    reason: reason ?? (exitCode === 0 ? 'Completed' : 'Error'),
    ...(message === undefined ? {} : { message }),
    startedAt: status.state?.running?.startedAt ?? stamp(now),
    finishedAt: stamp(now),
    ...(status.containerID === undefined ? {} : { containerID: status.containerID }),
  };
}
