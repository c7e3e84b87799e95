import { basename } from 'node:path';
import type { SimulatedHost } from '../../hosts/simulated-host.ts';
import { readHostText, UnreadableFile } from '../../daemons/host-text.ts';
import type { Cluster } from '../../kubernetes/store/cluster.ts';
import type { ToolContext } from '../tool.ts';

/** All that the checks may look at on one node, read once a run. */
export interface NodeState {
  /** Command lines of what runs, their words joined by blanks, by the program's name. */
  readonly processes: ReadonlyMap<string, string>;
  /** By absolute path. */
  readonly files: ReadonlyMap<string, FileStatus>;
  /** Contents of the files that checks read, by path. */
  readonly texts: ReadonlyMap<string, string>;
  /** What the benchmark's variables stand for here: `$kubeletconf`, … */
  readonly paths: Readonly<Record<PathVariable, string>>;
  /** Undefined where kubectl has no kubeconfig, or no API server to ask. */
  readonly cluster: Cluster | undefined;
}

export interface FileStatus {
  /** Octal, as `stat -c %a` prints it. */
  readonly mode: string;
  /** `root:root` */
  readonly owner: string;
  readonly isFolder: boolean;
}

/** Where kube-bench looks, best first; the last is what it names when there is none (cfg/config.yaml). */
const CANDIDATES = {
  apiserverconf: ['/etc/kubernetes/manifests/kube-apiserver.yml', '/etc/kubernetes/manifests/kube-apiserver.yaml'],
  controllermanagerconf: [
    '/etc/kubernetes/manifests/kube-controller-manager.yml',
    '/etc/kubernetes/manifests/kube-controller-manager.yaml',
  ],
  schedulerconf: ['/etc/kubernetes/manifests/kube-scheduler.yml', '/etc/kubernetes/manifests/kube-scheduler.yaml'],
  etcdconf: ['/etc/kubernetes/manifests/etcd.yml', '/etc/kubernetes/manifests/etcd.yaml'],
  schedulerkubeconfig: ['/etc/kubernetes/scheduler.conf'],
  controllermanagerkubeconfig: ['/etc/kubernetes/controller-manager.conf'],
  etcddatadir: ['/var/lib/etcd/default.etcd'],
  kubeletsvc: [
    '/etc/systemd/system/kubelet.service.d/10-kubeadm.conf',
    '/etc/systemd/system/kubelet.service',
    '/lib/systemd/system/kubelet.service',
  ],
  kubeletkubeconfig: ['/etc/kubernetes/kubelet-kubeconfig.conf', '/etc/kubernetes/kubelet.conf'],
  kubeletconf: [
    '/etc/kubernetes/kubelet-config.yaml',
    '/var/lib/kubelet/config.yml',
    '/etc/kubernetes/kubelet.yaml',
    '/var/lib/kubelet/config.yaml',
  ],
  kubeletcafile: ['/etc/kubernetes/certs/ca.crt', '/etc/kubernetes/pki/ca.crt'],
  proxykubeconfig: ['/etc/kubernetes/kubelet-kubeconfig', '/var/lib/kubelet/kubeconfig', '/etc/kubernetes/proxy.conf'],
} as const;
export type PathVariable = keyof typeof CANDIDATES;

/** Folders whose files the checks ask about, with all that is in them. */
const FOLDERS = ['/etc/kubernetes', '/var/lib/cni/networks', '/etc/systemd/system'] as const;
/** Deeper than anything of Kubernetes in them lies. */
const MAX_DEPTH = 4;
/** Some thousands of files; a learner may make more, and is told. */
const MAX_LISTING_BYTES = 1024 * 1024;
const KUBECONFIGS = ['/root/.kube/config', '/etc/kubernetes/admin.conf'] as const;

/** Reads the node. Throws an `Error` with words for the learner when its files cannot be listed. */
export async function readNodeState(
  { host, cluster, processes }: ToolContext,
  signal: AbortSignal,
): Promise<NodeState> {
  const running = new Map(processes().map((argv) => [basename(argv[0] ?? ''), argv.join(' ')]));
  const single = [
    ...Object.values(CANDIDATES).flat(),
    ...KUBECONFIGS,
    wordAfter(running.get('etcd'), '--data-dir'),
    wordAfter(running.get('kubelet'), '--client-ca-file'),
  ].filter((path) => path?.startsWith('/') === true);
  const files = await statuses(host, single as readonly string[], signal);
  const paths = Object.fromEntries(
    Object.entries(CANDIDATES).map(([name, candidates]) => [
      name,
      candidates.find((path) => files.has(path)) ?? candidates.at(-1),
    ]),
  ) as Record<PathVariable, string>;
  const texts = new Map<string, string>();
  const read = [
    paths.kubeletconf,
    paths.proxykubeconfig,
    wordAfter(running.get('kube-apiserver'), '--encryption-provider-config'),
  ];
  for (const path of read) {
    if (path?.startsWith('/') !== true) continue;
    const text = await readHostText(host, path).catch((error: unknown) => {
      if (error instanceof UnreadableFile) return undefined; // as `cat` that fails
      throw error;
    });
    if (text !== undefined) texts.set(path, text);
  }
  const reachable =
    KUBECONFIGS.some((path) => files.has(path)) && (host.name !== 'controlplane' || running.has('kube-apiserver'));
  return { processes: running, files, texts, paths, cluster: reachable ? cluster : undefined };
}

/** The value of a flag on a command line, in either spelling. */
export function wordAfter(line: string | undefined, flag: string): string | undefined {
  return new RegExp(`${flag}[= ](\\S+)`).exec(line ?? '')?.[1];
}

async function statuses(
  host: SimulatedHost,
  single: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, FileStatus>> {
  const list = (paths: readonly string[], depth: number) =>
    host.exec(['find', ...new Set(paths), '-maxdepth', String(depth), '-printf', String.raw`%m\t%u:%g\t%y\t%p\n`], {
      signal,
      maxBytes: MAX_LISTING_BYTES,
    });
  const listings = await Promise.all([list(FOLDERS, MAX_DEPTH), list(single, 0)]);
  if (listings.some(({ truncated }) => truncated))
    throw new Error(`more files in ${FOLDERS.join(', ')} than are looked at`);
  const lines = listings.flatMap(({ stdout }) => String(stdout).split('\n'));
  return new Map(
    lines.flatMap((line) => {
      const [mode = '', owner = '', kind = '', path] = line.split('\t');
      return path === undefined ? [] : [[path, { mode, owner, isFolder: kind === 'd' }] as const];
    }),
  );
}
