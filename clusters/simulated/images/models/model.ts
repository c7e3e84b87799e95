import type { Duplex } from 'node:stream';
import type { ClusterObjects } from '../../network/dns/cluster-names.ts';

/** A container's files as its process would see them. */
export interface ContainerFiles {
  /** The bytes of a file, at most a megabyte; undefined when there is none. */
  read(path: string): Promise<Buffer | undefined>;
  /** Names in a folder, as far as they can be known. */
  list(folder: string): Promise<readonly string[]>;
  /** Why that user could not make a file there, as the system says it: `30: Read-only file system`. */
  refusal(path: string, uid: number): string | undefined | Promise<string | undefined>;
}

/** What a modelled program of an image is given to run with. */
export interface ModelContext {
  /** As in the image's reference. */
  readonly tag: string;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly files: ContainerFiles;
  readonly uid: number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Calls back once after so many milliseconds unless disposed first. */
  readonly after: (milliseconds: number, what: () => void) => Disposable;
  /** What a program that watches Services and their endpoints knows by now. */
  readonly objects: ClusterObjects;
  /** Writes a line to the container's log. */
  readonly log: (line: string, stream?: 'stdout' | 'stderr') => void;
  /** The address of a host's name, as the pod's DNS has it. */
  readonly resolve: (host: string) => Promise<string | undefined>;
  /** Connects from the pod; undefined when nobody answers. */
  readonly dial: (address: string, port: number, signal: AbortSignal) => Promise<Duplex | undefined>;
}

export interface ModelledServer extends Partial<Disposable> {
  /** TCP ports; others after a `reload`, maybe. */
  readonly listens: readonly number[];
  accept(port: number, socket: Duplex): void;
  /** UDP ports, and what it answers to a datagram, if anything. */
  readonly hears?: readonly number[];
  answer?(port: number, message: Buffer, from: { address: string; port: number }): Promise<Buffer | undefined>;
  /** Reads its configuration again, for a program that can. What is wrong with it goes to the log. */
  reload?(): Promise<void>;
}

/** How a modelled program's start went: it serves, or it has ended with that status after it said why. */
export type Started = { readonly server: ModelledServer } | { readonly exitCode: number };

/** The program of an image: says its lines, reads its configuration, serves. Never rejects for what a learner wrote. */
export type Model = (context: ModelContext) => Promise<Started>;
