import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Backend, LabError } from '../clusters/cluster.ts';
import { labIdFrom } from '../protocol/ids.ts';
import type { BackendName } from '../protocol/scenario.ts';
import type { Clock } from './clock.ts';
import { makeApp } from './http/app.ts';
import { TerminalUpgrade } from './http/upgrade.ts';
import type { LabLimits } from './labs/lab-limits.ts';
import { LabRegistry } from './labs/lab-registry.ts';
import type { ScenarioShelf } from './labs/playable-scenario.ts';
import type { Log } from './log.ts';
import { problemOf } from './problem.ts';
import { Refusal } from './refusal.ts';
import type { LabStore } from './store/lab-store.ts';
import type { BridgeTimes } from './terminal/bridge.ts';
import { Terminals } from './terminal/terminals.ts';

export interface ServeOptions {
  /** Where to listen: an address of this machine, and a port or 0 for any. */
  readonly host: string;
  readonly port: number;
  /** The first one is used where a request names none. */
  readonly backends: ReadonlyMap<BackendName, Backend>;
  readonly shelf: ScenarioShelf;
  /** Closed with the server. */
  readonly store: LabStore;
  readonly webDirectory: string;
  readonly clock: Clock;
  readonly random: (bytes: number) => Uint8Array;
  readonly log: Log;
  /** The secret of the printed URL; made from `random` when absent. */
  readonly token?: string;
  /** Names besides IP addresses and `localhost` under which the server may be asked. */
  readonly hostNames?: readonly string[];
  readonly maxLabs?: number;
  /** How long labs may stay. */
  readonly labLimits?: LabLimits;
  readonly terminalTimes?: BridgeTimes;
}

export interface RunningServer extends AsyncDisposable {
  /** What to open in a browser: `http://127.0.0.1:<port>/?token=…` */
  readonly url: string;
  /** The same without the token, for clients that send it as a bearer: `http://127.0.0.1:<port>` */
  readonly origin: string;
  readonly port: number;
  readonly token: string;
  readonly terminals: Terminals;
  /** Refuses new work, takes all labs down and closes. May be called again. */
  dispose(): Promise<void>;
}

const MAX_LABS = 30;
/** How often it is looked for labs that have stayed too long. */
const LIMITS_MS = 30_000;
/** How long the backends may look for labs of an earlier server. */
const ADOPT_LIMIT_MS = 20_000;
/** How long requests under way may take to end at shutdown. */
const DRAIN_MS = 2_000;

/** Starts a server from its parts. Rejects with `LabError` when the port is taken. Closes the store when it does not come up. */
export async function serve(options: ServeOptions): Promise<RunningServer> {
  const { backends, shelf, store, clock, random, log, webDirectory, hostNames = [] } = options;
  const token = options.token ?? Buffer.from(random(24)).toString('base64url');
  const access = { token, hostNames };
  const [defaultBackend] = backends.keys();
  if (defaultBackend === undefined) throw new LabError('The server has no backend.', 'Name one: simulated or kind.');

  const terminals: Terminals = new Terminals({
    labOf: (id) => labs.find(id).ready(),
    onTyped: (id) => labs.touch(id),
    log,
    times: options.terminalTimes ?? {},
  });
  const labs = new LabRegistry({
    backends,
    shelf,
    store,
    clock,
    newLabId: () => labIdFrom(random(10)),
    log,
    maxLabs: options.maxLabs ?? MAX_LABS,
    limits: options.labLimits ?? {},
    onShellsEnd: (lab, message) => terminals.endLab(lab, message),
  });
  const upgrade = new TerminalUpgrade({ access, terminals, log });
  const server = createServer(notYet);
  let port: number;
  try {
    // The port first: a server that cannot have it must not touch labs. Nobody knows the token before they are taken over.
    port = await listen(server, options);
    await labs.adopt(AbortSignal.timeout(ADOPT_LIMIT_MS));
    server.removeListener('request', notYet);
    server.on('request', makeApp({ access, labs, shelf, defaultBackend, webDirectory, log }));
    server.on('upgrade', (request, stream, head) => upgrade.handle(request, stream, head));
  } catch (cause) {
    server.close();
    await store[Symbol.asyncDispose]();
    throw cause;
  }

  const overdue = setInterval(() => void labs.endOverdue(), LIMITS_MS).unref();

  async function close(): Promise<void> {
    clearInterval(overdue);
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    await labs[Symbol.asyncDispose]();
    await terminals[Symbol.asyncDispose]();
    await upgrade[Symbol.asyncDispose]();
    server.closeIdleConnections();
    const cut = setTimeout(() => server.closeAllConnections(), DRAIN_MS);
    await closed;
    clearTimeout(cut);
    await store[Symbol.asyncDispose]();
  }
  let closing: Promise<void> | undefined;
  const dispose = (): Promise<void> => (closing ??= close());

  const name = ['0.0.0.0', '::'].includes(options.host) ? '127.0.0.1' : options.host;
  const origin = `http://${name.includes(':') ? `[${name}]` : name}:${port}`;
  return { url: `${origin}/?token=${token}`, origin, port, token, terminals, dispose, [Symbol.asyncDispose]: dispose };
}

/** Answers until the labs of an earlier server are taken over. */
const notYet: RequestListener = (_request, response) => {
  const problem = problemOf(new Refusal('unavailable', 'The server is starting.', 'Try again in a moment.'));
  response.writeHead(problem.status, { 'Content-Type': 'application/problem+json', 'Retry-After': '1' });
  response.end(JSON.stringify(problem));
};

async function listen(server: ReturnType<typeof createServer>, { host, port }: ServeOptions): Promise<number> {
  const listening = Promise.withResolvers<void>();
  server.once('error', listening.reject);
  server.listen({ host, port }, listening.resolve);
  try {
    await listening.promise;
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE') {
      throw new LabError(
        `Port ${port} of ${host} is taken.`,
        `Choose another one, for instance --port ${port + 1}, or stop what listens there.`,
        { cause },
      );
    }
    if (code === 'EACCES' || code === 'EADDRNOTAVAIL') {
      throw new LabError(`Cannot listen on port ${port} of ${host}: ${code}.`, 'Choose another address or port.', {
        cause,
      });
    }
    throw cause;
  }
  server.removeListener('error', listening.reject);
  return (server.address() as AddressInfo).port;
}
