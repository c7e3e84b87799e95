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

/** The three cells that are worked out together: ready, status and restarts (printers.go printPod). */
function podLine(pod: PrintedPod, now: number): PodLine {
  const { spec, status = {} } = pod;
  const sidecars = new Set(
    (spec.initContainers ?? []).filter((container) => container.restartPolicy === 'Always').map(({ name }) => name),
  );
  let total = spec.containers.length + sidecars.size;
  let reason = status.reason || status.phase || '';
  const gated = (status.conditions ?? []).some(
    ({ type, reason }) => type === 'PodScheduled' && reason === 'SchedulingGated',
  );
  if (gated && !status.reason) reason = 'SchedulingGated';

  let readyCount = 0;
  let restarts = 0;
  let sidecarRestarts = 0;
  let lastRestart = 0;
  let lastSidecarRestart = 0;
  let initializing = false;
  for (const [i, container] of (status.initContainerStatuses ?? []).entries()) {
    restarts += container.restartCount;
    lastRestart = Math.max(lastRestart, finishedAt(container));
    if (sidecars.has(container.name)) {
      sidecarRestarts += container.restartCount;
      lastSidecarRestart = Math.max(lastSidecarRestart, finishedAt(container));
    }
    if (container.state?.terminated?.exitCode === 0) continue;
    if (sidecars.has(container.name) && container.started === true) {
      if (container.ready) readyCount += 1;
      continue;
    }
    if (container.state?.terminated) {
      reason = `Init:${endedReason(container.state.terminated)}`;
    } else if (container.state?.waiting?.reason && container.state.waiting.reason !== 'PodInitializing') {
      reason = `Init:${container.state.waiting.reason}`;
    } else {
      reason = `Init:${i}/${spec.initContainers?.length ?? 0}`;
    }
    initializing = true;
    break;
  }

  const initialized = (status.conditions ?? []).some(({ type, status }) => type === 'Initialized' && status === 'True');
  if (!initializing || initialized) {
    restarts = sidecarRestarts;
    lastRestart = lastSidecarRestart;
    let running = false;
    for (const container of [...(status.containerStatuses ?? [])].reverse()) {
      restarts += container.restartCount;
      lastRestart = Math.max(lastRestart, finishedAt(container));
      const { state } = container;
      if (state?.waiting?.reason) reason = state.waiting.reason;
      else if (state?.terminated) reason = endedReason(state.terminated);
      else if (container.ready && state?.running) {
        running = true;
        readyCount += 1;
      }
    }
    if (reason === 'Completed' && running) {
      const isReady = (status.conditions ?? []).some(({ type, status }) => type === 'Ready' && status === 'True');
      reason = isReady ? 'Running' : 'NotReady';
    }
  }

  if (pod.metadata.deletionTimestamp !== undefined) {
    if (status.reason === 'NodeLost') reason = 'Unknown';
    else if (status.phase !== 'Failed' && status.phase !== 'Succeeded') reason = 'Terminating';
  }
  if (total < readyCount) total = readyCount;
  return {
    ready: `${readyCount}/${total}`,
    status: reason,
    restarts:
      restarts > 0 && lastRestart > 0 ? `${restarts} (${humanDuration(now - lastRestart)} ago)` : String(restarts),
  };
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
