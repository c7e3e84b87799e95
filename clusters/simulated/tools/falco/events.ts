import type { AuditRecord } from '../../pods/audit-record.ts';
import type { Image } from '../../images/image.ts';
import type { Container, Pod } from '../../kubernetes/model/generated/objects.ts';

/** Whose a program on a host is, by the host's own files; names are empty that they do not have. */
export interface ObservedAccount {
  readonly user: string;
  readonly home: string;
  readonly shell: string;
  readonly group: string;
  /** The uid with which somebody logged in. */
  readonly login: number;
  readonly loginName: string;
}

/** The program that makes a call, as its container's kernel has it, or its host's. */
export interface ObservedProcess {
  readonly pid: number;
  /** 0 for the program that a container, or somebody's exec in it, began with. */
  readonly ppid: number;
  /** Its number in the container. */
  readonly vpid: number;
  /** The device number of its terminal; 0 for none. */
  readonly tty: number;
  readonly uid: number;
  readonly gid: number;
  readonly exepath: string;
  readonly cwd: string;
  readonly cmdline: string;
  readonly pcmdline: string;
  /** Its own name, its parent's, and so on up to the program that the container, or the terminal, began with. */
  readonly names: readonly string[];
  /** Of a program on a host. */
  readonly account?: ObservedAccount;
}

/** Calls that change what folders hold. */
export const CHANGES = [
  'chmod',
  'fchmodat',
  'link',
  'linkat',
  'mkdir',
  'mkdirat',
  'mknod',
  'mknodat',
  'rename',
  'renameat',
  'renameat2',
  'rmdir',
  'symlink',
  'symlinkat',
  'unlink',
  'unlinkat',
] as const;

/** A system call of a program in a container; `lost` says how many of a second were not told. */
export type ObservedCall =
  | {
      readonly type: 'execve';
      readonly process: ObservedProcess;
      /** The program's file. */
      readonly path: string;
      readonly argv: readonly string[];
    }
  | {
      readonly type: 'open' | 'openat' | 'openat2' | 'creat';
      readonly process: ObservedProcess;
      readonly path: string;
      readonly flags: number;
      /** Empty, or the name of the error as far as modes, owners and mounts foretell it. */
      readonly error: string;
      readonly isFolder: boolean;
    }
  | {
      readonly type: (typeof CHANGES)[number];
      readonly process: ObservedProcess;
      /** What it is about: one file, or the old and the new one; a symlink's text as it is written, and the link. */
      readonly paths: readonly string[];
      /** Permission bits; undefined for calls without. */
      readonly mode: number | undefined;
      /** Empty, or the name of the error as far as names, modes, owners and mounts foretell it. */
      readonly error: string;
    }
  | {
      readonly type: 'connect';
      readonly process: ObservedProcess;
      readonly protocol: 'tcp' | 'udp' | '';
      readonly address: string;
      readonly port: number;
    }
  | { readonly type: 'lost'; readonly count: number };

/** Whose call it is: what the kubelet started, never what a program says of itself. */
export interface CallingContainer {
  /** As in the pod's status, without `containerd://`. */
  readonly id: string;
  readonly pod: Pod;
  readonly container: Container;
  readonly image: Image;
}

/** A program of somebody who is logged in to the node itself. */
export interface CallingHost {
  readonly host: string;
  /** IPv4, in the cluster's network. */
  readonly address: string;
}

export interface ContainerEvent {
  readonly call: ObservedCall;
  readonly by: CallingContainer;
  /** Milliseconds since 1970. */
  readonly time: number;
}

/** What happens in the containers of a lab's nodes. */
export interface ContainerEvents {
  /** Hears of the containers of one node from now on. */
  subscribe(node: string, hear: (event: ContainerEvent) => void): Disposable;
  /** Hears what the kernel's audit records of the containers of one node from now on. */
  records(node: string, hear: (record: AuditRecord) => void): Disposable;
}
