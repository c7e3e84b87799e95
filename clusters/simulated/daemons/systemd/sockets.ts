import type { Duplex } from 'node:stream';
import type { SimulatedHost } from '../../hosts/simulated-host.ts';
import { SocketRun } from './socket-run.ts';
import { socketsOf } from './unit-order.ts';
import type { UnitDefinition, UnitDisk } from './unit-files.ts';
import type { HandedSocket, StartFailure } from './unit.ts';

/** A socket unit that listens. */
export interface SocketView {
  /** Paths, and addresses with their ports. */
  readonly listens: readonly string[];
  /** Whether its service has the sockets. */
  readonly isTaken: boolean;
}

export interface SocketStart {
  /** Starts its service. */
  readonly wake: () => void;
  /** When the host boots nobody can connect yet: what fails then is told later, when somebody first looks. */
  readonly failedLater?: (failure: StartFailure) => void;
}

/** The socket units of a host that listen. */
export class Sockets {
  readonly #host: SimulatedHost;
  readonly #runs = new Map<string, { readonly run: SocketRun; readonly preparations: readonly Disposable[] }>();

  constructor(host: SimulatedHost) {
    this.#host = host;
  }

  async start(definition: UnitDefinition, { wake, failedLater }: SocketStart): Promise<StartFailure | undefined> {
    const run = SocketRun.of(this.#host, definition, wake);
    if (!(run instanceof SocketRun)) return run;
    if (failedLater === undefined) {
      const failure = await run.listen();
      if (failure !== undefined) return failure;
      this.#runs.set(definition.name, { run, preparations: [] });
      return undefined;
    }
    const listen = async (): Promise<void> => {
      const failure = await run.listen();
      if (failure !== undefined) failedLater(failure);
    };
    const preparations = ['/run', '/var/run'].map((folder) => this.#host.beforeFirstLook(folder, listen));
    this.#runs.set(definition.name, { run, preparations });
    return undefined;
  }

  async stop(name: string): Promise<void> {
    const socket = this.#runs.get(name);
    if (socket === undefined) return;
    this.#runs.delete(name);
    for (const preparation of socket.preparations) preparation[Symbol.dispose]();
    await socket.run.stop();
  }

  view(name: string): SocketView | undefined {
    return this.#runs.get(name)?.run;
  }

  /** What a service is started with. */
  handedTo(service: string, disk: UnitDisk): readonly HandedSocket[] {
    return socketsOf(service, disk).flatMap((name) => this.#runs.get(name)?.run.handed ?? []);
  }

  /** A daemon puts a socket of its own in the place of a unit's, which nobody reaches from then on. */
  replace(path: string): void {
    for (const { run } of this.#runs.values()) run.replace(path);
  }

  /** A connection from within the server to a Unix socket; undefined where none of them listens there. */
  connect(path: string): Duplex | undefined {
    for (const { run } of this.#runs.values()) {
      const connection = run.connect(path);
      if (connection !== undefined) return connection;
    }
    return undefined;
  }
}
