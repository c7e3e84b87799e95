import type { Server } from 'node:net';
import { type Duplex, duplexPair } from 'node:stream';
import type { SimulatedHost } from '../../hosts/simulated-host.ts';
import { findGroup } from '../accounts.ts';
import { type Served, serveConnections } from '../bounded-server.ts';
import { setting } from './unit-file.ts';
import type { UnitDefinition } from './unit-files.ts';
import type { HandedSocket, StartFailure } from './unit.ts';

/** Connections that wait for a service to come; more are closed. */
const MAX_WAITING = 16;

/** systemd.exec(5), of a group that there is not. */
const GROUP_STATUS = 216;

interface Address {
  /** As systemd tells it: a path, or an address with its port. */
  readonly text: string;
  readonly listen: (host: SimulatedHost, mode: number, group: number) => Promise<Server>;
}

/** One run of a socket unit: systemd listens, starts the service on the first connection, and lends it the sockets (systemd.socket(5)). */
export class SocketRun {
  readonly #host: SimulatedHost;
  readonly #definition: UnitDefinition;
  readonly #wake: () => void;
  readonly #sockets: readonly LentSocket[];
  #listening: Promise<StartFailure | undefined> | undefined;

  private constructor(
    host: SimulatedHost,
    definition: UnitDefinition,
    addresses: readonly Address[],
    wake: () => void,
  ) {
    this.#host = host;
    this.#definition = definition;
    this.#wake = wake;
    this.#sockets = addresses.map((address) => new LentSocket(address));
  }

  /** `wake` starts its service. A failure is that of a unit whose settings are not modelled. */
  static of(host: SimulatedHost, definition: UnitDefinition, wake: () => void): SocketRun | StartFailure {
    const { settings } = definition;
    const strange = [...settings.keys()].find((key) => key.startsWith('Socket.') && !MODELLED.has(key));
    if (strange !== undefined) return unmodelled(`${strange.replace('Socket.', '')}= of a socket`);
    const user = setting(settings, 'Socket.SocketUser') ?? 'root';
    if (user !== 'root' && user !== '0') return unmodelled(`SocketUser=${user}`);
    const given = settings.get('Socket.ListenStream') ?? [];
    const addresses = given.map(addressOf);
    if (!addresses.every((address) => address !== undefined)) return unmodelled(`ListenStream=${given.join(' ')}`);
    return new SocketRun(host, definition, addresses, wake);
  }

  /** What `systemctl status` says of where it listens. */
  get listens(): readonly string[] {
    return this.#sockets.map(({ text }) => text);
  }

  get isTaken(): boolean {
    return this.#sockets.some(({ isTaken }) => isTaken);
  }

  listen(): Promise<StartFailure | undefined> {
    this.#listening ??= this.#listen();
    return this.#listening;
  }

  async #listen(): Promise<StartFailure | undefined> {
    const { settings } = this.#definition;
    const mode = Number.parseInt(setting(settings, 'Socket.SocketMode') ?? '0666', 8);
    const name = setting(settings, 'Socket.SocketGroup') ?? 'root';
    const group = await findGroup(this.#host, name);
    if (group === undefined)
      return { status: GROUP_STATUS, lines: [`Failed to resolve group ${name}: No such process`] };
    for (const socket of this.#sockets.filter(({ isReplaced }) => !isReplaced)) {
      try {
        await socket.serve(this.#host, { mode, group }, this.#wake);
      } catch (error) {
        const isBusy = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
        const why = isBusy ? 'Address already in use' : error instanceof Error ? error.message : String(error);
        await this.stop();
        return { status: 1, lines: [`Failed to create listening socket (${socket.text}): ${why}`] };
      }
    }
    return undefined;
  }

  /** What its service is given. */
  get handed(): readonly HandedSocket[] {
    return this.#sockets.map((socket) => ({
      text: socket.text,
      take: async (accept) => {
        await this.listen();
        return socket.take(accept);
      },
    }));
  }

  /** A connection from within the server; undefined where it listens on no such path. */
  connect(path: string): Duplex | undefined {
    const socket = this.#sockets.find(({ text, isReplaced }) => text === path && !isReplaced);
    if (socket === undefined) return undefined;
    const [ours, theirs] = duplexPair();
    socket.accept(theirs, this.#wake);
    return ours;
  }

  /** Somebody else's socket lies in the place of that one now: systemd listens on, and nobody can connect. */
  replace(path: string): void {
    for (const socket of this.#sockets) if (socket.text === path) socket.isReplaced = true;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) await socket.close();
  }
}

const MODELLED = new Set(
  'ListenStream SocketMode SocketUser SocketGroup Service Accept Backlog BindIPv6Only'
    .split(' ')
    .map((key) => `Socket.${key}`),
);

const unmodelled = (what: string): StartFailure => ({ status: 1, lines: [`not simulated: ${what}`] });

/** Of the forms of `ListenStream=` the path of a Unix socket, and ports of IPv4. */
function addressOf(given: string): Address | undefined {
  const path = given.replace(/^\/var\/run\//, '/run/');
  if (path.startsWith('/')) return { text: path, listen: (host, mode, group) => host.listenUnix(path, mode, group) };
  const [, address = '0.0.0.0', digits] = /^(?:(\d+\.\d+\.\d+\.\d+):)?(\d{1,5})$/.exec(given) ?? [];
  const port = Number(digits);
  if (digits === undefined || port < 1 || port > 65_535) return undefined;
  return { text: `${address}:${port}`, listen: (host) => host.listen(port, address) };
}

/** A socket that systemd keeps; whoever has taken it is given its connections. */
class LentSocket {
  readonly text: string;
  isReplaced = false;
  readonly #address: Address;
  #served: Served | undefined;
  #accept: ((socket: Duplex) => void) | undefined;
  readonly #waiting = new Set<Duplex>();

  constructor(address: Address) {
    this.text = address.text;
    this.#address = address;
  }

  get isTaken(): boolean {
    return this.#accept !== undefined;
  }

  async serve(
    host: SimulatedHost,
    { mode, group }: { readonly mode: number; readonly group: number },
    wake: () => void,
  ): Promise<void> {
    const server = await this.#address.listen(host, mode, group);
    this.#served = serveConnections(server, (socket) => this.accept(socket, wake));
  }

  accept(socket: Duplex, wake: () => void): void {
    if (this.#accept !== undefined) return this.#accept(socket);
    if (this.#waiting.size >= MAX_WAITING) {
      socket.destroy();
      return;
    }
    this.#waiting.add(socket);
    socket.once('close', () => this.#waiting.delete(socket));
    wake();
  }

  take(accept: (socket: Duplex) => void): Disposable {
    this.#accept = accept;
    for (const socket of this.#waiting) accept(socket);
    this.#waiting.clear();
    return { [Symbol.dispose]: () => (this.#accept = undefined) };
  }

  async close(): Promise<void> {
    for (const socket of this.#waiting) socket.destroy();
    this.#waiting.clear();
    await this.#served?.[Symbol.asyncDispose]();
    this.#served = undefined;
  }
}
