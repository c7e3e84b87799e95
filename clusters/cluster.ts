import type { Duplex, Readable } from 'node:stream';
import type { HostName } from '../protocol/host.ts';
import type { LabId } from '../protocol/ids.ts';
import type { BackendName, ClusterShape, Identity } from '../protocol/scenario.ts';

/**
 * The contract between Breachlab and whatever runs a lab. Nothing in it could not cross a network one day.
 * Every backend passes the same suite, test/contract/.
 */
export interface Backend {
  readonly name: BackendName;
  /** Makes and seeds a lab. On failure or abort nothing of it is left behind. Throws `LabError`. */
  create(request: LabRequest): Promise<Lab>;
  /** The same lab under another id, by which it is found from now on, also by a later server. `lab` itself is not used again. */
  handOver(lab: Lab, id: LabId): Promise<Lab>;
  /**
   * Finds the labs that an earlier server left running, of those that are known: by their seed, or by undefined where it cannot be read
   * today, which leaves them alone. What else that server left behind is removed.
   */
  adopt(known: ReadonlyMap<LabId, Seed | undefined>, signal: AbortSignal): Promise<readonly Lab[]>;
  /** What this machine lacks for this backend; empty when all is well. */
  doctor(signal: AbortSignal): Promise<readonly Finding[]>;
}

export interface LabRequest {
  readonly id: LabId;
  readonly seed: Seed;
  /** Called with a short present participle, for instance `starting the hosts`. */
  readonly progress: (step: string) => void;
  readonly signal: AbortSignal;
}

/** What makes a fresh cluster the scenario's cluster. */
export interface Seed {
  /** None: the cluster alone, whose hosts start only when something needs them. */
  readonly hosts: readonly HostName[];
  /** Kubernetes objects in the order in which they are made. */
  readonly manifests: readonly Manifest[];
  readonly files: readonly SeedFile[];
  /** Absent: a control plane and one node of the backend's own release. */
  readonly cluster?: ClusterShape;
}

/** A Kubernetes object as a scenario's YAML holds it. */
export type Manifest = Readonly<Record<string, unknown>>;

export interface SeedFile {
  readonly host: HostName;
  /** Absolute. */
  readonly path: string;
  readonly content: Uint8Array;
  /** Permission bits, for instance 0o600. */
  readonly mode: number;
}

export interface Lab extends AsyncDisposable {
  readonly id: LabId;
  readonly backend: BackendName;
  /** Throws `LabError` when the lab has no such host. */
  host(name: HostName): Promise<Host>;
  /** How to reach the API server from this machine (not from inside the lab). */
  kubeAccess(identity: Identity): Promise<KubeAccess>;
  /** The raw value under an etcd key such as `/registry/secrets/shop/db`, as it lies on disk; undefined when absent. */
  readEtcd(key: string): Promise<Uint8Array | undefined>;
  /**
   * A machine of the internet that is none of the lab's hosts, with an address of its own: what the learner does to `internet`, or
   * forbids its address alone, does not reach it. Throws `LabError` when the lab is not on the internet.
   */
  stranger(): Promise<Vantage>;
  /** Back to the seed: objects, files, firewalls, processes. Shells end. `progress` as in `LabRequest`, where it takes long. */
  reset(signal: AbortSignal, progress?: (step: string) => void): Promise<void>;
}

export interface KubeAccess {
  /** `https://127.0.0.1:<port>` */
  readonly server: string;
  /** PEM. */
  readonly certificateAuthority: string;
  readonly credential:
    | { readonly kind: 'none' }
    | { readonly kind: 'certificate'; readonly certificate: string; readonly key: string }
    | { readonly kind: 'token'; readonly token: string };
}

/** Where connections can start. */
export interface Vantage {
  /**
   * Connects from this machine's network. `to` is a host of the lab, an address, or what else the machine knows by name. A time that
   * `signal` grants (`AbortSignal.timeout`) is the connection's; what it takes to reach into the machine first is not counted.
   */
  dial(to: string, port: number, signal: AbortSignal): Promise<DialResult>;
}

/** A machine of the lab, as the grader and the terminal see it. */
export interface Host extends Vantage {
  readonly name: HostName;
  /** Runs a program without a shell, as root, with a clean environment. Rejects only when it cannot be started. */
  exec(argv: readonly string[], options: ExecOptions): Promise<ExecResult>;
  /** Reads through no symlink that leaves the host. */
  readFile(path: string, options: { maxBytes: number }): Promise<FileRead>;
  /** Makes missing folders. */
  writeFile(path: string, content: Uint8Array, options: { mode: number }): Promise<void>;
  /** Opens the shell of that session, or attaches to it when it is still running. */
  openShell(options: ShellOptions): Promise<Shell>;
}

export interface ExecOptions {
  readonly stdin?: Uint8Array | string;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Per stream; what comes after it is dropped and `truncated` is set. */
  readonly maxBytes?: number;
  /** On abort the program and its children are killed and the call rejects. */
  readonly signal: AbortSignal;
}

export interface ExecResult {
  /** 128 + signal number for a killed program. */
  readonly exitCode: number;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
  readonly truncated: boolean;
}

export type FileRead =
  | { readonly outcome: 'read'; readonly content: Buffer; readonly mode: number; readonly truncated: boolean }
  | { readonly outcome: 'absent' }
  | { readonly outcome: 'refused'; readonly reason: string };

export interface ShellOptions {
  /** The same name attaches to the same shell. */
  readonly session: string;
  readonly cols: number;
  readonly rows: number;
}

export interface Shell extends AsyncDisposable {
  /** Terminal output. Pausing it pauses the program that writes. Ends when the shell ends or is detached. */
  readonly output: Readable;
  /** True when the shell was running before this call attached to it. */
  readonly resumed: boolean;
  /** Keys. Resolves when the terminal has taken them, so that a caller can hold back. */
  write(keys: Uint8Array): Promise<void>;
  resize(cols: number, rows: number): void;
  /** Resolves with the exit status once the shell itself has ended; never for a detach. */
  readonly exited: Promise<number>;
  /** Disposing detaches; this ends the shell and what runs in it. */
  kill(): Promise<void>;
}

export type DialResult =
  | { readonly outcome: 'open'; readonly socket: Duplex }
  /** `refused`: answered by a reset or a reject. `timeout`: nothing came before the signal. */
  | { readonly outcome: 'refused' | 'timeout' | 'unreachable' | 'unresolved'; readonly detail: string };

export interface Finding {
  readonly what: string;
  readonly remedy: string;
  /** Whether labs still work without it. A `note` lacks nothing: it says what to expect, for instance how many labs there is room for. */
  readonly severity: 'error' | 'warning' | 'note';
  /** A rule of thumb says so: it is told, but keeps nobody from trying. */
  readonly estimated?: true;
}

/** An expected failure, with the words a learner may read. */
export class LabError extends Error {
  override readonly name = 'LabError';
  readonly nextStep: string;
  constructor(message: string, nextStep: string, options?: ErrorOptions) {
    super(message, options);
    this.nextStep = nextStep;
  }
}
