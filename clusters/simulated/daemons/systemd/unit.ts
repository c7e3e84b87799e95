import type { Duplex } from 'node:stream';
import type { HostDaemon } from '../../hosts/host-daemon.ts';

/** What runs behind a service unit: a modelled daemon, or a real program of the host. */
export interface Unit {
  /** Starts what the unit's effective command line says. A daemon that cannot start says why; it never throws for that. */
  start(launch: Launch): Promise<StartFailure | undefined>;
  /** Ends it and everything it listens on. Called for a running unit only. */
  stop(): Promise<void>;
  /** Re-reads the configuration (`ExecReload=`). Absent where the daemon has none. */
  reload?(launch: Launch): Promise<StartFailure | undefined>;
  /** The words by which a list of processes shows it where it changes them; those of its command line otherwise. */
  titleOf?(argv: readonly string[]): string;
  /** The file in /run that holds its number while it runs. */
  readonly pidFile?: string;
  /** Exit statuses by the signals on which it ends in its own way; 0 on SIGINT and SIGTERM where it is left out. */
  readonly endsWith?: Readonly<Record<number, number>>;
}

/** It listens as its process on the host does. */
export interface Launch extends Pick<HostDaemon, 'listen' | 'listenWhenSeen' | 'listenUnix'> {
  /** The effective `ExecStart=` with its environment variables filled in. */
  readonly argv: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Those of its socket units, if it has any. */
  readonly handed?: readonly HandedSocket[];
  /** Writes a line to the unit's journal under the daemon's own name. */
  log(line: string): void;
  /** To be called when the daemon ends by itself, with its exit status. */
  exited(status: number): void;
}

/** A listening socket that systemd keeps and lends to a service (sd_listen_fds(3)). */
export interface HandedSocket {
  /** Its path, or its address with the port. */
  readonly text: string;
  /** Gives its connections to the service, those too that have waited for it, until this is disposed of. */
  take(accept: (socket: Duplex) => void): Promise<Disposable>;
}

export interface StartFailure {
  /** The daemon's exit status. */
  readonly status: number;
  /** What the daemon wrote before it ended, line by line. */
  readonly lines: readonly string[];
}

/** A unit file that a Debian package or kubeadm would have put below /lib/systemd/system. */
export interface VendorUnit {
  /** With its suffix, for instance `ssh.service`. */
  readonly name: string;
  readonly text: string;
  readonly dropIns?: readonly { readonly path: string; readonly text: string }[];
  /** Whether the package enables it when it is installed. */
  readonly preset: 'enabled' | 'disabled';
}
