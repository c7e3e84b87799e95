import type { Clock } from '../../clock.ts';
import type { SimulatedHost } from '../../hosts/simulated-host.ts';
import { statusesOf } from '../../kubernetes/kubelet/container-status.ts';
import type { Pod } from '../../kubernetes/model/generated/objects.ts';
import type { Cluster, StoreEvent } from '../../kubernetes/store/cluster.ts';
import type { Line } from '../../pods/log-ring.ts';
import { componentOf } from '../component-of.ts';
import { ContainerLogFile } from './container-log-file.ts';

export interface PodLogFilesRequest {
  readonly cluster: Cluster;
  readonly host: SimulatedHost;
  readonly clock: Clock;
  /** What a run of a container writes, from its beginning on until it ends or the signal does. Rejects where it cannot be read. */
  readonly lines: (
    pod: Pod,
    run: { readonly container: string; readonly id: string },
    signal: AbortSignal,
  ) => Promise<AsyncIterable<Line>>;
}

interface PodLogs {
  readonly folder: string;
  /** By the container's id. */
  readonly runs: Map<string, ContainerLogFile>;
}

/**
 * Keeps the logs of a node's pods where its administrator looks for them: /var/log/pods/NAMESPACE_POD_UID/CONTAINER/ATTEMPT.log, with a
 * link in /var/log/containers; of each container the present run and the one before, until the pod is gone (pkg/kubelet/kuberuntime).
 * Those of the control plane's own components are ComponentLogs.
 */
export function followPodLogs(request: PodLogFilesRequest): Disposable {
  const { cluster, host } = request;
  const known = new Map<string, PodLogs>();
  const hear = ({ type, object }: Pick<StoreEvent, 'type' | 'object'>): void => {
    const pod = object as Pod;
    if (pod.spec.nodeName !== host.name || componentOf(pod) !== undefined) return;
    const uid = pod.metadata.uid ?? '';
    const logs = known.get(uid) ?? { folder: folderOf(pod), runs: new Map<string, ContainerLogFile>() };
    known.set(uid, logs);
    if (type === 'DELETED') {
      known.delete(uid);
      void forget(host, logs);
    } else followRuns(pod, logs, request);
  };
  const pods = cluster.resource('pods');
  for (const object of cluster.list(pods)) hear({ type: 'ADDED', object });
  const watching = cluster.watch(pods, hear);
  return {
    [Symbol.dispose]() {
      watching[Symbol.dispose]();
      for (const { runs } of known.values()) for (const run of runs.values()) void run.end();
    },
  };
}

/** A static pod goes by the hash of its manifest, as on its node (pkg/kubelet/config/common.go). */
function folderOf({ metadata: { namespace = '', name, uid = '', annotations } }: Pod): string {
  return `/var/log/pods/${namespace}_${name}_${annotations?.['kubernetes.io/config.hash'] ?? uid}`;
}

function followRuns(pod: Pod, { folder, runs }: PodLogs, { host, clock, lines }: PodLogFilesRequest): void {
  const { namespace = '', name: podName } = pod.metadata;
  for (const { name, containerID, restartCount, state } of statusesOf(pod.status)) {
    const id = containerID?.replace('containerd://', '');
    if (id === undefined || runs.has(id) || (state?.running ?? state?.terminated) === undefined) continue;
    const path = `${folder}/${name}/${restartCount}.log`;
    const link = `/var/log/containers/${podName}_${namespace}_${name}-${id}.log`;
    const begin = (signal: AbortSignal): Promise<AsyncIterable<Line>> =>
      lines(pod, { container: name, id: containerID ?? '' }, signal);
    runs.set(id, new ContainerLogFile({ host, clock, path, link, lines: begin }));
    for (const [old, run] of runs) {
      if (run.path !== `${folder}/${name}/${restartCount - 2}.log`) continue;
      runs.delete(old);
      void run.remove();
    }
  }
}

/** Milliseconds; a learner who replaced `rm` on the node must not hold it for ever. */
const REMOVE_MS = 5000;

async function forget(host: SimulatedHost, { folder, runs }: PodLogs): Promise<void> {
  await Promise.all([...runs.values()].map((run) => run.remove()));
  if (runs.size === 0) return;
  await host.exec(['rm', '-rf', '--', folder], { signal: AbortSignal.timeout(REMOVE_MS) }).catch(() => undefined);
}
