import type { Finding } from '../../cluster.ts';
import type { MachineFacts } from './machine-facts.ts';

const GIB = 2 ** 30;

/** What a lab of two nodes and three hosts takes. */
const PER_LAB = {
  /** Control plane 1.2 GiB, node 0.6 GiB, the shop, the Dashboard and the hosts the rest. */
  memoryBytes: 2.5 * GIB,
  /** Each node has a copy of the node image's /var, and unpacks the pods' images once more. */
  diskBytes: 4 * GIB,
} as const;

/** Kept for the rest of the machine. */
const SPARED = { memoryBytes: GIB, diskBytes: 4 * GIB } as const;

/** What the kernel has so many of, of which each lab takes some. */
interface KernelLimit {
  readonly resource: string;
  readonly fact: 'inotifyInstances' | 'inotifyWatches' | 'tasks';
  readonly perLab: number;
  readonly detail: (limit: number, perLab: number) => string;
  readonly setting: string;
  /** What to set, for some dozens of labs. */
  readonly enough: number;
}

/** With the 128 instances and 8192 watches of many kernels, the fourth cluster fails (https://kind.sigs.k8s.io/docs/user/known-issues). */
const KERNEL_LIMITS: readonly KernelLimit[] = [
  {
    resource: 'inotify instances',
    fact: 'inotifyInstances',
    perLab: 40,
    detail: (limit, perLab) => `fs.inotify.max_user_instances is ${limit}, and each cluster takes about ${perLab}`,
    setting: 'fs.inotify.max_user_instances',
    enough: 8192,
  },
  {
    resource: 'inotify watches',
    fact: 'inotifyWatches',
    perLab: 2600,
    detail: (limit, perLab) => `fs.inotify.max_user_watches is ${limit}, and each cluster takes about ${perLab}`,
    setting: 'fs.inotify.max_user_watches',
    enough: 1_048_576,
  },
  {
    resource: 'processes',
    fact: 'tasks',
    perLab: 1000,
    detail: (limit, perLab) => `the kernel allows ${limit} processes and threads, and each lab takes about ${perLab}`,
    setting: 'kernel.pid_max',
    enough: 4_194_304,
  },
];

/** How many more labs there is room for, as far as one resource goes. */
export interface Room {
  readonly resource: string;
  readonly labs: number;
  readonly detail: string;
  readonly remedy: string;
}

/** For each resource that can be seen, how many more labs it allows: never less than none. Pure. */
export function roomFor(facts: MachineFacts): readonly Room[] {
  const { memoryBytes, availableMemoryBytes = memoryBytes, diskFreeBytes, clusters } = facts;
  // Docker may be held to less than the machine has.
  const memory = Math.min(memoryBytes, availableMemoryBytes);
  const rooms: Room[] = [
    {
      resource: 'memory',
      labs: (memory - SPARED.memoryBytes) / PER_LAB.memoryBytes,
      detail: `${gib(memory)} free, of which a lab takes ${gib(PER_LAB.memoryBytes)}`,
      remedy: 'Delete labs, end other programs, or give the machine (or Docker Desktop) more memory.',
    },
  ];
  if (diskFreeBytes !== undefined) {
    rooms.push({
      resource: 'disk',
      labs: (diskFreeBytes - SPARED.diskBytes) / PER_LAB.diskBytes,
      detail: `${gib(diskFreeBytes)} free where Docker keeps its data, of which a lab takes ${gib(PER_LAB.diskBytes)}`,
      remedy: 'Make room, for instance: docker system prune',
    });
  }
  for (const { resource, fact, perLab, detail, setting, enough } of KERNEL_LIMITS) {
    const limit = facts[fact];
    if (limit === undefined) continue;
    rooms.push({
      resource,
      labs: limit / perLab - clusters,
      detail: detail(limit, perLab),
      remedy: sysctl(setting, enough),
    });
  }
  return rooms.map((room) => ({ ...room, labs: Math.max(0, Math.floor(room.labs)) }));
}

/** Fewer than this is worth a warning where a setting alone would make it more. */
const FEW = 4;

/**
 * How many more labs the machine holds, as a note, and what keeps it from holding one (error) or, for settings that cost nothing, more
 * than a few (warning).
 */
export function capacityFindings(facts: MachineFacts): readonly Finding[] {
  const rooms = roomFor(facts).toSorted((left, right) => left.labs - right.labs);
  const [least] = rooms;
  if (least === undefined) return [];
  const tight = rooms.filter(({ labs, remedy }) => labs === 0 || (labs < FEW && remedy.includes('sysctl')));
  return [
    ...tight.map(({ resource, labs, detail, remedy }) => ({
      what: `${labs === 0 ? 'no room for another lab' : `room for ${labs} more lab${labs === 1 ? '' : 's'} only`}, as to ${resource}: ${detail}`,
      remedy,
      ...(labs === 0 ? { severity: 'error' as const, estimated: true as const } : { severity: 'warning' as const }),
    })),
    {
      what: `room for about ${least.labs} more kind lab${least.labs === 1 ? '' : 's'} (${rooms.map(({ resource, labs }) => `${resource} ${labs}`).join(', ')})`,
      remedy: `${least.resource} runs out first: ${least.detail}. ${least.remedy}`,
      severity: 'note',
    },
  ];
}

const gib = (bytes: number): string => `${(bytes / GIB).toFixed(1)} GiB`;

/** The command for now; the file for after a restart. */
const sysctl = (name: string, value: number): string =>
  `sudo sysctl ${name}=${value} (for good: echo ${name}=${value} | sudo tee -a /etc/sysctl.d/90-kind.conf)`;
