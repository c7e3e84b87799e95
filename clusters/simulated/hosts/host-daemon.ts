import type { Server } from 'node:net';
import type { HostUser } from './host-user.ts';

/**
 * A modelled daemon as its host shows it: a process of its own under its own name, with its words, its user and its listening sockets, which
 * `ps`, `ss -p`, `kill` and /proc know as they know any other. Nothing is shown before `appear`.
 */
export interface HostDaemon {
  /** The number of its process in the host, or of its last one: undefined until somebody first looks into the host. */
  readonly pid: number | undefined;
  /** As those of the host, but the socket is its process's too. Whoever listens anew has its process changed, under the same number. */
  listen(port: number, address?: string): Promise<Server>;
  /**
   * Listens as `listen` does, but where nobody comes from elsewhere, at 127.0.0.1 and its like, not before somebody looks into the host or
   * connects to that port from there. `take` is given the server, which belongs to the caller. Rejects where it listens at once and cannot.
   */
  listenWhenSeen(port: number, address: string, take: (server: Server) => void): Promise<void>;
  listenUnix(path: string, mode: number, group?: number): Promise<Server>;
  /** Shows it as it is now. Resolves when its process is there, or at once as long as nobody has looked into the host. */
  appear(look: DaemonLook): Promise<void>;
  /**
   * Ends its process and gives up its sockets; to be called before their servers are closed, for as long as the process has a socket it is
   * listened on. May be called at any time, and again.
   */
  leave(): Promise<void>;
}

export interface DaemonLook {
  /** The path of its program, as /proc tells it. */
  readonly program: string;
  readonly argv: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Root when left out. */
  readonly user?: HostUser;
  /** Somebody on the host has sent it signals, of which its process has no opinion of its own. */
  signalled(signals: readonly number[]): void;
  /** Somebody on the host has killed it. Its servers listen on until they are closed. */
  killed(): void;
}
