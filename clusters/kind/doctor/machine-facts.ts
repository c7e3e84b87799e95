import { readFile, statfs } from 'node:fs/promises';
import type { Engine } from '../docker/engine.ts';
import { KIND_CLUSTER_LABEL } from '../docker/ownership.ts';

/** What decides how many labs a machine can hold; undefined for what cannot be seen from here. */
export interface MachineFacts {
  /** Of the machine that Docker runs on. */
  readonly memoryBytes: number;
  /** Free for new programs: `MemAvailable`. */
  readonly availableMemoryBytes: number | undefined;
  /** Free where Docker keeps its images and containers. */
  readonly diskFreeBytes: number | undefined;
  /** fs.inotify.max_user_watches, max_user_instances. */
  readonly inotifyWatches: number | undefined;
  readonly inotifyInstances: number | undefined;
  /** The smaller of kernel.pid_max and kernel.threads-max. */
  readonly tasks: number | undefined;
  readonly cgroupVersion: '1' | '2';
  /** Clusters of kind that run already, whoever made them. */
  readonly clusters: number;
}

/** Reads them from Docker and from /proc. Docker Desktop runs in a machine of its own, of which it tells the memory only. */
export async function readMachineFacts(engine: Engine, signal: AbortSignal): Promise<MachineFacts> {
  const { memoryBytes, cgroupVersion, operatingSystem, rootDirectory } = engine.info;
  const isHere = process.platform === 'linux' && !/desktop/i.test(operatingSystem);
  const number = (path: string) => (isHere ? numberIn(path) : Promise.resolve(undefined));
  const [available, disk, watches, instances, pids, threads, nodes] = await Promise.all([
    isHere ? availableMemory() : undefined,
    isHere ? statfs(rootDirectory).catch(() => undefined) : undefined,
    number('/proc/sys/fs/inotify/max_user_watches'),
    number('/proc/sys/fs/inotify/max_user_instances'),
    number('/proc/sys/kernel/pid_max'),
    number('/proc/sys/kernel/threads-max'),
    engine.docker.listContainers({ filters: { label: [KIND_CLUSTER_LABEL] }, abortSignal: signal }),
  ]);
  const limits = [pids, threads].filter((limit) => limit !== undefined);
  return {
    memoryBytes,
    availableMemoryBytes: available,
    diskFreeBytes: disk === undefined ? undefined : disk.bavail * disk.bsize,
    inotifyWatches: watches,
    inotifyInstances: instances,
    tasks: limits.length === 0 ? undefined : Math.min(...limits),
    cgroupVersion,
    clusters: new Set(nodes.map(({ Labels }) => Labels[KIND_CLUSTER_LABEL])).size,
  };
}

/** In bytes, from the line that proc_meminfo(5) gives in kB. */
async function availableMemory(): Promise<number | undefined> {
  const text = await readFile('/proc/meminfo', 'utf8').catch(() => '');
  const kilobytes = /^MemAvailable:\s+(\d+) kB$/m.exec(text)?.[1];
  return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
}

async function numberIn(path: string): Promise<number | undefined> {
  const text = await readFile(path, 'utf8').catch(() => '');
  return /^\d+\s*$/.test(text) ? Number(text) : undefined;
}
