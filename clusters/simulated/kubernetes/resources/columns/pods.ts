import type { Column } from '../resource.ts';
import { AGE, NAME, column } from './column.ts';
import { humanDuration } from './duration.ts';

interface ContainerState {
  waiting?: { reason?: string };
  running?: { startedAt?: string };
  terminated?: { reason?: string; signal?: number; exitCode: number; finishedAt?: string };
}

interface ContainerStatus {
  name: string;
  ready: boolean;
  restartCount: number;
  started?: boolean;
  state?: ContainerState;
  lastState?: ContainerState;
}

interface Container {
  name: string;
  image?: string;
  restartPolicy?: string;
}

export interface PrintedPod {
  metadata: { deletionTimestamp?: string };
  spec: {
    nodeName?: string;
    containers: Container[];
    initContainers?: Container[];
    readinessGates?: { conditionType: string }[];
  };
  status?: {
    phase?: string;
    reason?: string;
    podIPs?: { ip: string }[];
    nominatedNodeName?: string;
    conditions?: { type: string; status: string; reason?: string }[];
    initContainerStatuses?: ContainerStatus[];
    containerStatuses?: ContainerStatus[];
  };
}

const endedReason = (terminated: { reason?: string; signal?: number; exitCode: number }): string =>
  terminated.reason ??
  (terminated.signal !== undefined && terminated.signal !== 0
    ? `Signal:${terminated.signal}`
    : `ExitCode:${terminated.exitCode}`);

interface PodLine {
  ready: string;
  status: string;
  restarts: string;
}

/** What containers of a kind add to their pod's line; the last restart in milliseconds since 1970, 0 without one. */
interface Tally {
  readonly ready: number;
  readonly restarts: number;
  readonly lastRestart: number;
  /** What the pod's status says because of them. */
  readonly reason: string | undefined;
}

/** The three cells that are worked out together: ready, status and restarts (printers.go printPod). */
function podLine(pod: PrintedPod, now: number): PodLine {
  const { spec, status = {} } = pod;
  const holds = (type: string): boolean =>
    (status.conditions ?? []).some((condition) => condition.type === type && condition.status === 'True');
  const sidecars = new Set(
    (spec.initContainers ?? []).filter((container) => container.restartPolicy === 'Always').map(({ name }) => name),
  );
  const gated = (status.conditions ?? []).some(
    ({ type, reason }) => type === 'PodScheduled' && reason === 'SchedulingGated',
  );
  const phase = gated && !status.reason ? 'SchedulingGated' : status.reason || status.phase || '';

  const init = initTally(pod, sidecars);
  let { reason = phase, ready, restarts, lastRestart } = init.all;
  if (init.all.reason === undefined || holds('Initialized')) {
    const own = ownTally(status.containerStatuses ?? []);
    ready += own.ready;
    restarts = init.ofSidecars.restarts + own.restarts;
    lastRestart = Math.max(init.ofSidecars.lastRestart, own.lastRestart);
    reason = own.reason ?? reason;
    if (reason === 'Completed' && own.ready > 0) reason = holds('Ready') ? 'Running' : 'NotReady';
  }

  if (pod.metadata.deletionTimestamp !== undefined) {
    if (status.reason === 'NodeLost') reason = 'Unknown';
    else if (status.phase !== 'Failed' && status.phase !== 'Succeeded') reason = 'Terminating';
  }
  return {
    ready: `${ready}/${Math.max(ready, spec.containers.length + sidecars.size)}`,
    status: reason,
    restarts:
      restarts > 0 && lastRestart > 0 ? `${restarts} (${humanDuration(now - lastRestart)} ago)` : String(restarts),
  };
}

/** Init containers up to the first that is not done; sidecars among them also by themselves. */
function initTally(
  { spec, status = {} }: PrintedPod,
  sidecars: ReadonlySet<string>,
): { all: Tally; ofSidecars: Pick<Tally, 'restarts' | 'lastRestart'> } {
  const all = { ready: 0, restarts: 0, lastRestart: 0 };
  const ofSidecars = { restarts: 0, lastRestart: 0 };
  for (const [i, container] of (status.initContainerStatuses ?? []).entries()) {
    const { name, state, started, ready } = container;
    const isSidecar = sidecars.has(name);
    for (const tally of isSidecar ? [all, ofSidecars] : [all]) {
      tally.restarts += container.restartCount;
      tally.lastRestart = Math.max(tally.lastRestart, finishedAt(container));
    }
    if (state?.terminated?.exitCode === 0) continue;
    if (isSidecar && started === true) {
      if (ready) all.ready += 1;
      continue;
    }
    const waiting = state?.waiting?.reason === 'PodInitializing' ? undefined : state?.waiting?.reason;
    const ended = state?.terminated === undefined ? waiting : endedReason(state.terminated);
    return { all: { ...all, reason: `Init:${ended || `${i}/${spec.initContainers?.length ?? 0}`}` }, ofSidecars };
  }
  return { all: { ...all, reason: undefined }, ofSidecars };
}

/** The pod's own containers; the first in its order that does not run is the one that is told. */
function ownTally(containers: readonly ContainerStatus[]): Tally {
  let [ready, restarts, lastRestart] = [0, 0, 0];
  let reason: string | undefined;
  for (const container of containers.toReversed()) {
    restarts += container.restartCount;
    lastRestart = Math.max(lastRestart, finishedAt(container));
    const { state } = container;
    if (state?.waiting?.reason) reason = state.waiting.reason;
    else if (state?.terminated) reason = endedReason(state.terminated);
    else if (container.ready && state?.running) ready += 1;
  }
  return { ready, restarts, lastRestart, reason };
}

const finishedAt = (container: ContainerStatus): number =>
  Date.parse(container.lastState?.terminated?.finishedAt ?? '') || 0;

/** printers.go podColumnDefinitions. */
export const POD_COLUMNS: readonly Column[] = [
  NAME,
  column<PrintedPod>('Ready', (pod, now) => podLine(pod, now).ready, {
    description: 'The aggregate readiness state of this pod for accepting traffic.',
  }),
  column<PrintedPod>('Status', (pod, now) => podLine(pod, now).status, {
    description: 'The aggregate status of the containers in this pod.',
  }),
  column<PrintedPod>('Restarts', (pod, now) => podLine(pod, now).restarts, {
    description:
      'The number of times the containers in this pod have been restarted and when the last container in this pod has restarted.',
  }),
  AGE,
  column<PrintedPod>('IP', (pod) => pod.status?.podIPs?.[0]?.ip ?? '<none>', { wide: true }),
  column<PrintedPod>('Node', (pod) => pod.spec.nodeName ?? '<none>', { wide: true }),
  column<PrintedPod>('Nominated Node', (pod) => pod.status?.nominatedNodeName ?? '<none>', { wide: true }),
  column<PrintedPod>(
    'Readiness Gates',
    (pod) => {
      const gates = pod.spec.readinessGates ?? [];
      if (gates.length === 0) return '<none>';
      const held = gates.filter((gate) =>
        (pod.status?.conditions ?? []).some(({ type, status }) => type === gate.conditionType && status === 'True'),
      );
      return `${held.length}/${gates.length}`;
    },
    { wide: true },
  ),
];
