import type { Socket } from 'node:net';
import type { SimulatedHost } from '../../hosts/simulated-host.ts';
import { serveConnections } from '../bounded-server.ts';

export interface NodePort {
  readonly port: number;
  /** Takes a connection; it decides at that moment who stands behind the Service. */
  readonly accept: (socket: Socket) => void;
}

/** Node ports open at a time on one host. */
const MAX_PORTS = 100;

/** The listeners of a node's NodePort Services. They follow the list that they are given; a port that leaves it is closed. */
export class NodePorts implements AsyncDisposable {
  readonly #host: SimulatedHost;
  readonly #open = new Map<number, AsyncDisposable>();
  #wanted: ReadonlyMap<number, NodePort> = new Map();
  #work: Promise<void> = Promise.resolve();

  constructor(host: SimulatedHost) {
    this.#host = host;
  }

  /** Opens and closes what differs from before. Resolves with the ports that could not be opened, because another program has them. */
  async set(ports: readonly NodePort[]): Promise<readonly number[]> {
    this.#wanted = new Map(ports.slice(0, MAX_PORTS).map((one) => [one.port, one]));
    const refused: number[] = [];
    this.#work = this.#work.then(async () => {
      for (const [port, listener] of this.#open) {
        if (this.#wanted.has(port)) continue;
        this.#open.delete(port);
        await listener[Symbol.asyncDispose]();
      }
      for (const port of this.#wanted.keys()) {
        if (this.#open.has(port)) continue;
        try {
          const server = await this.#host.listen(port);
          this.#open.set(
            port,
            serveConnections(server, (socket) => this.#accept(port, socket)),
          );
        } catch {
          refused.push(port); // kube-proxy logs it and goes on without the port
        }
      }
    });
    await this.#work;
    return refused;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.set([]);
  }

  #accept(port: number, socket: Socket): void {
    const wanted = this.#wanted.get(port);
    if (wanted === undefined) socket.resetAndDestroy();
    else wanted.accept(socket);
  }
}
