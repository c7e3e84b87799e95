import { fullName } from '../../images/image.ts';
import type {
  Container,
  ContainerState,
  ContainerStatus,
  Pod,
  PodCondition,
  PodStatus,
} from '../model/generated/objects.ts';
import { type StartContext, startOf } from './container-start.ts';
import { type Process, processOf } from './process.ts';
import type { ContainerRuntime } from './container-runtime.ts';
import { probeHolds } from './probes.ts';

export interface LifeContext extends StartContext {
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly hostIP: string;
  /** An address for a pod that has a network of its own. */
  readonly podIP: () => string;
  /** By container: when its image was last pulled in vain, in milliseconds since 1970, and how often. Kept between calls. */
  readonly pulls: Map<string, { readonly at: number; readonly tries: number }>;
  readonly runtime?: Pick<ContainerRuntime, 'processOf'>;
  /** 64 hexadecimal digits. */
  readonly newContainerId: () => string;
}

type RestartPolicy = 'Always' | 'OnFailure' | 'Never';

export interface KubeletEvent {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
  readonly container?: string;
}

export interface NextLife {
  readonly status: PodStatus;
  readonly events: readonly KubeletEvent[];
  /** Milliseconds until the clock alone changes something. */
  readonly again?: number;
}

/** Crash loops wait 10 s, doubled up to 5 minutes; pulls the same (pkg/kubelet MaxCrashLoopBackOff). */
const FIRST_BACK_OFF_MS = 10_000;
const LAST_BACK_OFF_MS = 300_000;
/** How long a failed pull shows before the back-off does: until the kubelet's next look at the pod. */
const PULL_ERROR_SHOWN_MS = 2000;

const stamp = (milliseconds: number): string => `${new Date(milliseconds).toISOString().slice(0, 19)}Z`;
const backOff = (restarts: number): number => Math.min(FIRST_BACK_OFF_MS * 2 ** restarts, LAST_BACK_OFF_MS);

/** A Go duration: `10s`, `1m20s`, `5m0s`. */
const goDuration = (milliseconds: number): string => {
  const seconds = milliseconds / 1000;
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`;
};

/**
 * The pod's next status on its node: pure, from what it asks for, what its status says, and what a container's start would
 * come to (pkg/kubelet/kubelet_pods.go, kuberuntime_manager.go). The first call accepts the pod, later ones run it.
 */
export function nextLife(pod: Pod, context: LifeContext): NextLife {
  if (pod.status.startTime === undefined) return accepted(pod, context);
  const events: KubeletEvent[] = [];
  const waits: number[] = [];
  const before = new Map(
    [
      ...(pod.status.initContainerStatuses ?? []),
      ...(pod.status.containerStatuses ?? []),
      ...(pod.status.ephemeralContainerStatuses ?? []),
    ].map((status) => [status.name, status]),
  );
  const step = (container: Container, restarts: RestartPolicy): ContainerStatus => {
    const life = nextContainer(pod, container, before.get(container.name), restarts, context);
    events.push(...life.events);
    if (life.again !== undefined) waits.push(life.again);
    return life.status;
  };

  const restartPolicy = (pod.spec.restartPolicy ?? 'Always') as RestartPolicy;
  const initStatuses: ContainerStatus[] = [];
  let initialized = true;
  let initFailed = false;
  for (const container of pod.spec.initContainers ?? []) {
    const isSidecar = container.restartPolicy === 'Always';
    if (!initialized) {
      initStatuses.push(before.get(container.name) ?? waiting(container, 'PodInitializing'));
      continue;
    }
    const status = step(container, isSidecar ? 'Always' : restartPolicy === 'Never' ? 'Never' : 'OnFailure');
    initStatuses.push(status);
    const ended = status.state?.terminated;
    if (isSidecar ? status.state?.running === undefined : ended?.exitCode !== 0) initialized = false;
    if (!isSidecar && ended !== undefined && ended.exitCode !== 0 && restartPolicy === 'Never') initFailed = true;
  }
  const statuses = (pod.spec.containers ?? []).map((container) =>
    initialized
      ? step(container, restartPolicy)
      : (before.get(container.name) ?? waiting(container, 'PodInitializing')),
  );
  // What `kubectl debug` adds starts beside whatever runs, and is never restarted.
  const ephemeral = (pod.spec.ephemeralContainers ?? []).map((container) => step(container as Container, 'Never'));
  const phase = phaseOf(statuses, { initialized, initFailed, restartPolicy });
  const podIP = pod.status.podIP ?? (pod.spec.hostNetwork === true ? context.hostIP : context.podIP());
  const status: PodStatus = {
    ...pod.status,
    phase,
    conditions: conditionsOf(pod, statuses, { initialized, phase }, context.now),
    hostIP: context.hostIP,
    hostIPs: [{ ip: context.hostIP }],
    podIP,
    podIPs: [{ ip: podIP }],
    containerStatuses: statuses,
    ...(initStatuses.length === 0 ? {} : { initContainerStatuses: initStatuses }),
    ...(ephemeral.length === 0 ? {} : { ephemeralContainerStatuses: ephemeral }),
  };
  return { status, events, ...(waits.length === 0 ? {} : { again: Math.min(...waits) }) };
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
  return { status, events: [], again: 0 };
}

const waiting = (container: Container, reason: string, message?: string): ContainerStatus => ({
  name: container.name,
  ready: false,
  started: false,
  restartCount: 0,
  image: container.image ?? '',
  imageID: '',
  lastState: {},
  state: { waiting: { reason, ...(message === undefined ? {} : { message }) } },
});

interface ContainerLife {
  readonly status: ContainerStatus;
  readonly events: readonly KubeletEvent[];
  readonly again?: number;
}

function nextContainer(
  pod: Pod,
  container: Container,
  before: ContainerStatus | undefined,
  restarts: RestartPolicy,
  context: LifeContext,
): ContainerLife {
  const was = before ?? waiting(container, 'ContainerCreating');
  if (was.state?.running !== undefined) return runs(pod, container, was, restarts, context, []);
  const ended = was.state?.terminated;
  if (ended !== undefined) {
    const again = restarts === 'Always' || (restarts === 'OnFailure' && ended.exitCode !== 0);
    return again ? restart(pod, container, was, restarts, context) : { status: was, events: [] };
  }
  if (was.state?.waiting?.reason === 'CrashLoopBackOff') return restart(pod, container, was, restarts, context);
  return start(pod, container, was, restarts, context);
}

/** A container that has ended comes back: at once the first time, then after a growing wait. */
function restart(
  pod: Pod,
  container: Container,
  was: ContainerStatus,
  restarts: RestartPolicy,
  context: LifeContext,
): ContainerLife {
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
  return start(pod, container, { ...was, restartCount: was.restartCount + 1, lastState }, restarts, context);
}

function start(
  pod: Pod,
  container: Container,
  was: ContainerStatus,
  restarts: RestartPolicy,
  context: LifeContext,
): ContainerLife {
  const begun = startOf(pod, container, context);
  const about = { container: container.name };
  if (begun.outcome === 'waits') return held(container, was, begun, context);
  const { image } = begun;
  const process = processOf(container, image);
  if (process.goes === 'nowhere') return failedStart(container, was, restarts, context, process.message);
  const pulled = `Container image "${container.image}" already present on machine and can be accessed by the pod`;
  const events: KubeletEvent[] = [
    { type: 'Normal', reason: 'Pulled', message: pulled, ...about },
    { type: 'Normal', reason: 'Created', message: 'Container created', ...about },
    { type: 'Normal', reason: 'Started', message: 'Container started', ...about },
  ];
  const status: ContainerStatus = {
    ...was,
    ...imageOf(container),
    containerID: `containerd://${context.newContainerId()}`,
    started: true,
    state: { running: { startedAt: stamp(context.now) } },
  };
  return runs(pod, container, status, restarts, context, events);
}

/** The runtime could not start the process: the container has ended before it ran (kuberuntime_container.go ErrRunContainer). */
function failedStart(
  container: Container,
  was: ContainerStatus,
  restarts: RestartPolicy,
  context: LifeContext,
  message: string,
): ContainerLife {
  const about = { container: container.name };
  const pulled = `Container image "${container.image}" already present on machine and can be accessed by the pod`;
  const events: KubeletEvent[] = [
    { type: 'Normal', reason: 'Pulled', message: pulled, ...about },
    { type: 'Normal', reason: 'Created', message: 'Container created', ...about },
    { type: 'Warning', reason: 'Failed', message: `Error: ${message}`, ...about },
  ];
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

/** How a started container's status spells its image. */
function imageOf({ image: reference = '' }: Container): Pick<ContainerStatus, 'image' | 'imageID'> {
  const image = fullName(reference);
  const repository = image.replace(/(:[^:/]+|@.*)$/, '');
  return { image, imageID: `${repository}@sha256:${digestOf(repository)}` };
}

/** A stand-in for the digest of an image whose layers the lab does not have: the same for the same repository. */
function digestOf(repository: string): string {
  let digest = '';
  let hash = 0x811c9dc5;
  for (let word = 0; word < 8; word++) {
    for (const letter of `${repository}${word}`) hash = Math.imul(hash ^ letter.charCodeAt(0), 0x01000193) >>> 0;
    digest += hash.toString(16).padStart(8, '0');
  }
  return digest;
}

/** Why a container cannot start yet; a failed pull is tried again after a growing wait (kubelet/images/image_manager.go). */
function held(
  container: Container,
  was: ContainerStatus,
  { reason, message }: { reason: string; message: string },
  { now, pulls }: LifeContext,
): ContainerLife {
  const about = { container: container.name };
  const state = (reason: string, message: string): ContainerStatus => ({
    ...was,
    ready: false,
    started: false,
    image: container.image ?? '',
    state: { waiting: { reason, message } },
  });
  const warn = (reason: string, message: string): KubeletEvent => ({ type: 'Warning', reason, message, ...about });
  const before = was.state?.waiting?.reason;
  if (reason !== 'ErrImagePull') {
    const text = reason === 'CreateContainerConfigError' ? message : reason;
    const events = before === reason ? [] : [warn('Failed', `Error: ${text}`)];
    return { status: state(reason, message), events, again: FIRST_BACK_OFF_MS };
  }
  const last = pulls.get(container.name);
  if (last === undefined || now >= last.at + backOff(last.tries - 1)) {
    pulls.set(container.name, { at: now, tries: (last?.tries ?? 0) + 1 });
    const events: KubeletEvent[] = [
      { type: 'Normal', reason: 'Pulling', message: `Pulling image "${container.image}"`, ...about },
      warn('Failed', `Failed to pull image "${container.image}": ${message}`),
      warn('Failed', 'Error: ErrImagePull'),
    ];
    return { status: state('ErrImagePull', message), events, again: PULL_ERROR_SHOWN_MS };
  }
  const shown = last.at + PULL_ERROR_SHOWN_MS - now;
  if (shown > 0) return { status: state('ErrImagePull', message), events: [], again: shown };
  const text = `Back-off pulling image "${container.image}"`;
  const events: KubeletEvent[] =
    before === 'ImagePullBackOff'
      ? []
      : [{ type: 'Normal', reason: 'BackOff', message: text, ...about }, warn('Failed', 'Error: ImagePullBackOff')];
  const again = last.at + backOff(last.tries - 1) - now;
  return { status: state('ImagePullBackOff', `${text}: ErrImagePull: ${message}`), events, again };
}

/** A running container: still going, at its end, or restarted at once. */
function runs(
  pod: Pod,
  container: Container,
  status: ContainerStatus,
  restarts: RestartPolicy,
  context: LifeContext,
  events: readonly KubeletEvent[],
): ContainerLife {
  const begun = startOf(pod, container, context);
  const process: Process =
    begun.outcome === 'started'
      ? (context.runtime?.processOf(pod, container, begun.image, status.containerID ?? '') ??
        processOf(container, begun.image))
      : { goes: 'on' };
  const startedAt = status.state?.running?.startedAt ?? stamp(context.now);
  if (process.goes === 'to its end') {
    const left = Date.parse(startedAt) + process.after - context.now;
    if (left > 0) return { status: { ...status, ready: true }, events, again: left };
    const terminated = {
      exitCode: process.exitCode,
      reason: process.reason ?? (process.exitCode === 0 ? 'Completed' : 'Error'),
      ...(process.message === undefined ? {} : { message: process.message }),
      startedAt,
      finishedAt: stamp(context.now),
      ...(status.containerID === undefined ? {} : { containerID: status.containerID }),
    };
    const ended: ContainerStatus = { ...status, ready: false, started: false, state: { terminated } };
    const comesBack = restarts === 'Always' || (restarts === 'OnFailure' && process.exitCode !== 0);
    return { status: ended, events, ...(comesBack ? { again: 0 } : {}) };
  }
  const readiness = container.readinessProbe;
  if (readiness === undefined) return { status: { ...status, ready: true }, events };
  const since = Date.parse(startedAt) + (readiness.initialDelaySeconds ?? 0) * 1000 - context.now;
  if (since > 0) return { status: { ...status, ready: false }, events, again: since };
  const held =
    begun.outcome === 'started' ? probeHolds(readiness, container, begun.image) : { holds: false, message: '' };
  if (held.holds) return { status: { ...status, ready: true }, events };
  const failed: KubeletEvent = {
    type: 'Warning',
    reason: 'Unhealthy',
    message: `Readiness probe failed: ${held.message}`,
    container: container.name,
  };
  const again = (readiness.periodSeconds ?? 10) * 1000;
  return { status: { ...status, ready: false }, events: [...events, failed], again };
}

function phaseOf(
  statuses: readonly ContainerStatus[],
  { initialized, initFailed, restartPolicy }: { initialized: boolean; initFailed: boolean; restartPolicy: string },
): string {
  if (initFailed) return 'Failed';
  if (!initialized) return 'Pending';
  const ended = statuses.filter(({ state }) => state?.terminated !== undefined);
  if (statuses.length > 0 && ended.length === statuses.length && restartPolicy !== 'Always') {
    const clean = ended.every(({ state }) => state?.terminated?.exitCode === 0);
    if (clean) return 'Succeeded';
    if (restartPolicy === 'Never') return 'Failed';
  }
  const begun = statuses.some(({ state, lastState }) => state?.running ?? state?.terminated ?? lastState?.terminated);
  return begun ? 'Running' : 'Pending';
}

/** The five conditions of a pod on a node, in the order the kubelet writes them (pkg/kubelet/status/generate.go). */
function conditionsOf(
  pod: Pod,
  statuses: readonly ContainerStatus[],
  { initialized, phase }: { initialized: boolean; phase: string },
  now: number,
): PodCondition[] {
  const unready = statuses.filter(({ ready }) => !ready).map(({ name }) => name);
  const ended = phase === 'Succeeded';
  const notReady = ended
    ? { reason: 'PodCompleted' }
    : { reason: 'ContainersNotReady', message: `containers with unready status: [${unready.join(' ')}]` };
  const notInitialized = (pod.spec.initContainers ?? []).map(({ name }) => name).join(' ');
  const ready = unready.length === 0 && initialized && !ended;
  const sandbox = statuses.some(({ state }) => state?.waiting?.reason !== 'ContainerCreating') && phase !== 'Succeeded';
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
