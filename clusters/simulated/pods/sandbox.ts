import type { NodePathKind } from '../hosts/node-path-kind.ts';
import type { Readable, Writable } from 'node:stream';
import type { Socket as Datagrams } from 'node:dgram';
import type { Server, Socket } from 'node:net';
import type { Shell } from '../../cluster.ts';
import type { TemplateEntry } from '../hosts/template-entry.ts';
import type { FileRule } from '../tools/apparmor/profile.ts';
import type { ObservedCall } from '../hosts/observed-call.ts';
import type { AuditRecord } from './audit-record.ts';
import type { LoggedCalls } from './seccomp-profile.ts';
import type { ShownProgram } from './shown-program.ts';

/** Linux sandboxes for pods, whoever makes them. What they know of Kubernetes is nothing: see pod-runtime.ts. */
export interface PodSandboxes {
  /** Makes a pod's network, host name and folder of volumes. */
  makePod(request: PodRequest): Promise<SandboxedPod>;
  /** Whether as many containers run as may. */
  readonly isFull: boolean;
  /** What lies at an absolute path of a node, after making it if it is missing and `make` says so. */
  nodePath(node: string, path: string, make: 'folder' | 'file' | undefined): Promise<NodePathKind>;
  /** A file of a node that has a machine, whole; undefined where there is none or it is longer. */
  nodeFile(node: string, path: string, maxBytes: number): Promise<Buffer | undefined>;
  /** Makes a network for a node that has no machine with one, at an address of the machines'. Pods that are plugged into the node come after. */
  makeNode(name: string, address: string): Promise<void>;
  /** Gives a node's network, which all packets of its pods pass, an nft rule set, which says itself what it replaces. */
  setRules(node: string, rules: string): Promise<void>;
  /** Gives a node's network something beside what it has. Its packets are forwarded from then on. */
  changeNodeNetwork(node: string, change: NetworkChange): Promise<void>;
  /** The rules of a node's network as iptables-save writes them. */
  nodeRules(node: string): Promise<string>;
  /** Tells whenever such a chain of a node's rules is deleted. */
  watchRules(node: string, chain: string, deleted: () => void): Promise<Disposable>;
  /** From now on hears of calls of the programs in containers that were launched with an `id`, while they are wanted. */
  hearCalls(hear: (id: string, call: ObservedCall) => void): void;
  /** From now on hears what the kernel's audit would record of programs in containers that were launched with an `id`. */
  hearRecords(hear: (id: string, record: AuditRecord) => void): void;
  /** Whether anybody wants to hear of calls; nobody does at first. */
  wantCalls(wanted: boolean): void;
}

export interface NetworkChange {
  /** For `ip -batch`. */
  readonly links: string;
  /** As iptables-save writes them. */
  readonly rules: string;
  /** Whether packets from and to 127.0.0.0/8 may leave the node and come back, as kube-proxy has it for NodePorts. */
  readonly routesLoopback?: boolean;
}

export interface PodRequest {
  readonly hostname: string;
  /** IPv4. */
  readonly address: string;
  readonly plug: Plug;
  readonly node: string;
  /** What it shares with its node instead of having it for itself. */
  readonly shares: readonly ('net' | 'ipc' | 'pid')[];
  /** By which the shims of its containers say whose they are; without one they say nobody's. */
  readonly task?: TaskName;
}

/** What containerd calls a task: `k8s.io` and the number of a sandbox, or Docker's `moby` and that of a container. */
export interface TaskName {
  readonly namespace: 'k8s.io' | 'moby';
  readonly id: string;
}

/**
 * Where a pod's cable goes: nowhere; a link of its own to a node, whose address there is the pod's next hop; or a bridge in a node, with the
 * length of its prefix and the ways from there. A node whose name is empty is the lab's router.
 */
export type Plug =
  | 'none'
  | { readonly node: string; readonly gateway: string }
  | {
      readonly node: string;
      readonly bridge: { readonly name: string; readonly prefix: number };
      /** Ranges and the neighbour that knows the way to them; without one they are neighbours. */
      readonly ways: readonly (readonly [range: string, via?: string])[];
    };

export interface SandboxedPod extends AsyncDisposable {
  /** Writes files, folders and links whose paths begin with a volume's name; a link replaces what it stands for in one step. */
  writeVolumes(entries: readonly VolumeEntry[]): Promise<void>;
  /** The beginning of a file that `writeVolumes` wrote outside of any folder; empty when there is none. */
  readVolumeFile(path: string, maxBytes: number): Promise<Buffer>;
  /** Bytes that volumes and the roots of containers take up. */
  storageUsed(volumes: readonly string[], containers: readonly ContainerProcess[]): Promise<readonly number[]>;
  /** Starts a container's process. Rejects with `StartFailure` when there is nothing to run. */
  run(launch: ContainerLaunch): Promise<ContainerProcess>;
  /** Serves a port inside the pod's network until disposed of, or the pod is; undefined where the port is taken. */
  serve(port: number, accept: (socket: Socket) => void): Promise<Disposable | undefined>;
  /** A UDP socket bound to a port inside the pod's network, closed with the pod; undefined where the port is taken. */
  datagrams(port: number): Promise<Datagrams | undefined>;
  /** Connects to a port inside the pod's network: a socket, or the number of the system's error; undefined on abort. */
  dial(address: string, port: number, signal: AbortSignal): Promise<Socket | number | undefined>;
}

/** `owner` is of no effect where a lab has but one user. */
export type VolumeEntry =
  | TemplateEntry
  | { readonly kind: 'gone'; readonly path: string }
  /** A folder in memory of its own, of at most so many bytes. */
  | { readonly kind: 'memory'; readonly path: string; readonly mode: number; readonly bytes: number }
  | { readonly kind: 'owner'; readonly path: string; readonly uid: number; readonly gid: number };

/** `mode` is left out of a link. */
export interface ContainerLaunch {
  /** By which whoever hears of its calls knows it; without one it is not observed. */
  readonly id?: string;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly uid: number;
  readonly gid: number;
  /** Further groups, the first one among them; of no effect where a lab has but one user. */
  readonly groups: readonly number[];
  /** Numbers of include/uapi/linux/capability.h. */
  readonly capabilities: readonly number[];
  readonly noNewPrivileges: boolean;
  /** Bytes that each of its programs may fill, less than a lab gives anyway. */
  readonly memory?: number;
  /** Seccomp programs over the lab's own, `struct sock_filter[]` each. */
  readonly filters?: readonly Buffer[];
  /** What its observer holds it to; without it containerd's own profile is what it is told to be under. */
  readonly confinement?: Confinement;
  readonly readOnlyRoot: boolean;
  /** `placeholder`: nothing runs but what keeps the container and is seen as `shown`, or else as `argv`. */
  readonly streams: 'output' | 'input and output' | 'terminal' | 'placeholder';
  readonly shown?: ShownProgram;
  readonly mounts: readonly LaunchMount[];
  /** Programs of its image that the lab answers for. */
  readonly commands?: ImageCommands | undefined;
  /** Whose processes it sees and is among, instead of being the first of its own. */
  readonly among?: ContainerProcess;
  /** Of its root. */
  readonly files: readonly TemplateEntry[];
}

/** What the observer of a container's calls (hosts/agent/observer.pl) decides, answers or records. */
export interface Confinement {
  /** AppArmor's profile that it is said to run under, empty for none. */
  readonly profile: string;
  readonly mode: 'enforce' | 'complain' | 'kill' | 'unconfined';
  /** Files that it may execute (1), write (2), read (4) and link (8): see `FileRule`. Undefined where nothing decides. */
  readonly files?: readonly FileRule[];
  /** A sandbox with a kernel of its own. */
  readonly sandbox?: 'gvisor';
  /** System calls that are let through and recorded. */
  readonly logged?: LoggedCalls;
}

/** The modelled programs of a container's image, which whoever is in it can call. */
export interface ImageCommands {
  /** Answers the calls of their client, who finds the socket where `mounts` and `files` say; `node` is the pod's. */
  readonly serve: (calls: Server, node: string) => void;
  readonly mounts: readonly LaunchMount[];
  readonly files: readonly TemplateEntry[];
}

export interface LaunchMount {
  /** Of a node's own path, which is then the source; `/` for one of this machine. */
  readonly node?: string;
  /** A volume, or a path below one that the server wrote. */
  readonly source: string;
  /** A path below it that may lead through a learner's files. */
  readonly subPath: string;
  readonly target: string;
  readonly readOnly: boolean;
}

export interface ContainerProcess {
  /** By which the sandboxes know it. */
  readonly name: string;
  /** The number of its process 1 on its node; undefined on one without a machine. */
  readonly pid: number | undefined;
  readonly stdin: Writable | undefined;
  /** Ended at once where the container has a terminal. */
  readonly stdout: Readable;
  readonly stderr: Readable;
  readonly terminal: Shell | undefined;
  /** 128 + signal number for a killed program. */
  readonly exited: Promise<number>;
  /** Sends a signal to the container's process 1; SIGKILL ends all of the container. */
  signal(number: number): Promise<void>;
  /** A regular file of it, at most so many bytes of it; undefined when there is none. */
  readFile(path: string, maxBytes: number): Promise<Buffer | undefined>;
  /** Names in one of its folders; undefined when it is none. */
  listFolder(path: string): Promise<readonly string[] | undefined>;
  /** Runs a further program in it without a terminal. Rejects, or its `exited` does, with `StartFailure`. */
  exec(
    argv: readonly string[],
    env: Readonly<Record<string, string>>,
    cwd: string,
    signal: AbortSignal,
  ): Promise<ExecStreams>;
  /** Runs a further program in it on a terminal of its own. */
  execOnTerminal(argv: readonly string[], env: Readonly<Record<string, string>>, cwd: string): Promise<Shell>;
}

export interface ExecStreams {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  readonly exited: Promise<number>;
}

/** The container's program could not be started; the message is as runc's. */
export class StartFailure extends Error {
  override readonly name = 'StartFailure';
}
