import type { Server } from 'node:net';
import type { Readable } from 'node:stream';
import type { KeptProgram } from '../../keeper/kept-program.ts';
import type { Host, Shell, ShellOptions } from '../../cluster.ts';
import type { HostDaemon } from './host-daemon.ts';
import type { HostUser } from './host-user.ts';
import type { HostName } from '../../../protocol/host.ts';
import type { NodePathKind } from './node-path-kind.ts';
import type { ObservedCall } from './observed-call.ts';

/**
 * A host of a simulated lab as the lab's own daemons see it: besides the public contract it lends them its network, its files and
 * its commands. Daemons live in the server's process; what they serve appears inside the host.
 */
export interface SimulatedHost extends Host {
  /** IPv4 addresses by network; `lan` joins the cluster, `wan` the internet. */
  readonly addresses: Readonly<Partial<Record<NetworkName, string>>>;
  /**
   * Listens in the host's network namespace. The returned server is listening already and belongs to the caller, who closes it.
   * Rejects with the system's error (`EADDRINUSE`) when the address is taken there.
   */
  listen(port: number, address?: string): Promise<Server>;
  /** Listens on a Unix socket in the host's file system, owned by root and the group of that number, with those permission bits. */
  listenUnix(path: string, mode: number, group?: number): Promise<Server>;
  /**
   * Calls back after a file, or anything in a folder, was created, changed, replaced or removed; several changes may make one call.
   * Works for paths that do not exist yet. Never follows a symlink that leaves the host.
   */
  watch(path: string, changed: () => void): Promise<Disposable>;
  /**
   * Makes `/usr/local/bin/<name>`, a client that hands each call to `run`. Commands are installed before the host's first shell. Unless it
   * is `forUsers` and heeds `call.uid`, whoever is not root is refused.
   */
  installCommand(name: string, run: Command, options?: { readonly forUsers: true }): Promise<void>;
  /**
   * Puts a program where its package has it, in /usr/bin or /usr/sbin, where it can be looked at and removed. At a prompt it does what `run`
   * does; a daemon that appears with its path is seen to run it.
   */
  installProgram(path: string, run: Command): Promise<void>;
  /** Takes such a program away, with its package, or puts it back. */
  placeProgram(path: string, isThere: boolean): Promise<void>;
  /** Whether such a program lies there as it was put. */
  hasProgram(path: string): Promise<boolean>;
  /**
   * Has something done before somebody first looks into the host, or reads below this folder of it; at once where somebody has. What
   * nobody looks at is so never made.
   */
  beforeFirstLook(folder: string, prepare: () => Promise<void>): Disposable;
  /** Has something done before a program of somebody's first runs in the host, which sees its processes; at once where one has. */
  beforeFirstProgram(prepare: () => Promise<void>): Disposable;
  /** A modelled daemon of this host, which is still to be shown. */
  newDaemon(): HostDaemon;
  /** Folder entries: names only; undefined when there is no such folder. */
  listFolder(path: string): Promise<readonly string[] | undefined>;
  /** Files and links in these folders and in the folders there, by path, with a link's target. A folder that is missing has none. */
  listTree(folders: readonly string[]): Promise<ReadonlyMap<string, string | undefined>>;
  removeFile(path: string): Promise<void>;
  /** Adds to a file in place; makes it, with that mode, and missing folders. */
  appendFile(path: string, text: string, options: { mode: number }): Promise<void>;
  /** Bytes; undefined when there is no regular file. */
  fileSize(path: string): Promise<number | undefined>;
  /** What lies at an absolute path, after making it if it is missing and `make` says so. */
  pathKind(path: string, make: 'folder' | 'file' | undefined): Promise<NodePathKind>;
  /** Makes a symlink in the place of whatever file is there; makes missing folders. */
  makeLink(path: string, target: string): Promise<void>;
  /**
   * Hears of the system calls of programs on the host, of those that start from now on and belong to somebody who is logged in: terminals,
   * and what is started with a `login`.
   */
  hearPrograms(hear: (call: ObservedCall) => void): Disposable;
  /** Starts a program whose input and output flow while it runs. */
  spawn(argv: readonly string[], options: ProgramOptions): Promise<LiveProgram>;
  /** Starts a program on a terminal of its own, or attaches to it as `openShell` does, which starts a login shell there. */
  openTerminal(argv: readonly string[], options: ShellOptions & TerminalOptions): Promise<Shell>;
}

export interface ProgramOptions {
  /** Root when left out, and in a lab that has no other users. */
  readonly user?: HostUser;
  /** On whose behalf it runs, the uid with which somebody logged in. A program of the lab's own has none, and nobody hears of it. */
  readonly login?: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** On abort the program and its children are killed. */
  readonly signal: AbortSignal;
}

export type TerminalOptions = Omit<ProgramOptions, 'signal'>;

export type LiveProgram = KeptProgram;

export type NetworkName = 'lan' | 'wan';

/** What a modelled program does when it is called; returns its exit status. It writes nothing after it has returned. */
export type Command = (call: CommandCall) => Promise<number>;

export interface CommandCall {
  readonly host: HostName;
  /** Who calls, unless it is root. */
  readonly uid?: number;
  /** Without the program's own name. */
  readonly args: readonly string[];
  readonly cwd: string;
  /**
   * Only `TERM`, `EDITOR`, `KUBECONFIG`, `DOCKER_HOST`, `REDISCLI_AUTH`, those of PostgreSQL (`PGPASSWORD`) and names that begin with
   * `DOCKER_`, `ETCDCTL_`, `COSIGN_`, `TRIVY_` or `LC_`.
   */
  readonly env: Readonly<Record<string, string>>;
  readonly stdin: Readable;
  /** Whether standard output is a terminal, and its width if so. */
  readonly columns: number | undefined;
  /** The terminal that is both standard input and output. */
  readonly terminal?: CallTerminal;
  /** Aborted when the program is killed or its terminal goes. */
  readonly signal: AbortSignal;
  /** Resolves when the client has taken it; rejects when the client is gone. */
  stdout(text: string | Uint8Array): Promise<void>;
  stderr(text: string | Uint8Array): Promise<void>;
}

/** The terminal of whoever called a command. */
export interface CallTerminal {
  readonly rows: number;
  readonly cols: number;
  /** From now on until the command has ended standard input is keys as they are typed; `resized` hears of its new size. */
  takeKeys(resized: (cols: number, rows: number) => void): void;
}
