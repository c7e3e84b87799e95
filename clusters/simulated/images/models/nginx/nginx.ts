import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import type { Model, ModelContext, ModelledServer } from '../model.ts';
import { serverFor } from './config.ts';
import { configPathOf, type LoadedNginx, loadNginx } from './load.ts';
import { Emergency } from './parse.ts';
import { respond } from './respond.ts';

const MAX_HEADER_BYTES = 16 * 1024;
const REQUEST_TIMEOUT_MS = 10_000;
const MAX_CONNECTIONS = 256;

/** Versions behind tags that name none (docker-library/official-images, library/nginx). */
const VERSIONS: Readonly<Record<string, string>> = {
  latest: '1.29.3',
  alpine: '1.29.3',
  mainline: '1.29.3',
  stable: '1.28.0',
  '1.14': '1.14.2',
  '1.15': '1.15.12',
  '1.16': '1.16.1',
  '1.17': '1.17.10',
  '1.18': '1.18.0',
  '1.19': '1.19.10',
  '1.20': '1.20.2',
  '1.21': '1.21.6',
  '1.22': '1.22.1',
  '1.23': '1.23.4',
  '1.24': '1.24.0',
  '1.25': '1.25.5',
  '1.26': '1.26.3',
  '1.27': '1.27.5',
  '1.28': '1.28.0',
  '1.29': '1.29.3',
};

/** As `nginx -v` tells it. */
export const versionOf = (tag: string): string => {
  const plain = tag.replace(/-alpine$/, '');
  return `nginx/${VERSIONS[plain] ?? plain}`;
};

/** nginx by the configuration that its container has: listens, answers, or says `[emerg]` and exits with 1. */
export const nginx: Model = async (context) => {
  const { argv, log } = context;
  const version = versionOf(context.tag);
  const say = (level: string, text: string): void => log(`${timeOf(context.now())} [${level}] 1#1: ${text}`, 'stderr');
  const load = async (): Promise<LoadedNginx> => {
    const loaded = await loadNginx(configPathOf(argv), context);
    const { unmodelled } = loaded.config;
    for (const name of unmodelled) log(`not simulated: the directive "${name}" has no effect here`, 'stderr');
    return loaded;
  };
  try {
    let serves = serving(await load(), version, context);
    say('notice', 'using the "epoll" event method');
    say('notice', version);
    say('notice', 'start worker processes');
    return {
      server: {
        get listens() {
          return serves.listens;
        },
        accept: (port, socket) => serves.accept(port, socket),
        async reload() {
          say('notice', 'signal 1 (SIGHUP) received, reconfiguring');
          say('notice', 'reconfiguring');
          const before = serves;
          try {
            serves = serving(await load(), version, context);
          } catch (error) {
            if (!(error instanceof Emergency)) throw error;
            say('emerg', error.message);
            return;
          }
          before[Symbol.dispose]();
        },
        [Symbol.dispose]: () => serves[Symbol.dispose](),
      },
    };
  } catch (error) {
    if (!(error instanceof Emergency)) throw error;
    say('emerg', error.message);
    log(`nginx: [emerg] ${error.message}`, 'stderr');
    return { exitCode: 1 };
  }
};

/** As in the error log: `2026/01/02 03:04:05`. */
export const timeOf = (now: number): string =>
  new Date(now).toISOString().slice(0, 19).replaceAll('-', '/').replace('T', ' ');

function serving({ config, tls }: LoadedNginx, version: string, context: ModelContext): ModelledServer & Disposable {
  const ports = [...new Set(config.servers.flatMap(({ listens }) => listens.map(({ port }) => port)))];
  const disposables: (() => void)[] = [];
  const servers = new Map(
    ports.map((port) => {
      const take = (request: IncomingMessage, response: ServerResponse): void => {
        const server = serverFor(config.servers, port, request.headers.host ?? '');
        if (server === undefined) {
          response.destroy();
          return;
        }
        respond({ config, server, port, version, context, request, response }).catch(() => response.destroy());
      };
      const limits = { maxHeaderSize: MAX_HEADER_BYTES, requestTimeout: REQUEST_TIMEOUT_MS };
      const plain = createServer(limits, take);
      const first = config.servers.find(({ listens }) => listens.some((one) => one.port === port && one.isTls));
      const options = first === undefined ? undefined : tls.get(first)?.options;
      const secure =
        options === undefined
          ? undefined
          : createTlsServer(
              {
                ...limits,
                ...options,
                SNICallback: (name, done) => {
                  const server = serverFor(config.servers, port, name);
                  done(null, server === undefined ? undefined : tls.get(server)?.context);
                },
              },
              take,
            );
      secure?.on('tlsClientError', (_, socket: TLSSocket) => socket.destroy());
      disposables.push(
        () => plain.closeAllConnections(),
        () => secure?.closeAllConnections(),
      );
      return [port, { plain, secure }] as const;
    }),
  );
  let open = 0;
  return {
    listens: ports,
    accept(port, socket) {
      const { plain, secure } = servers.get(port) ?? {};
      if (plain === undefined || open >= MAX_CONNECTIONS) {
        socket.destroy();
        return;
      }
      open += 1;
      socket.once('close', () => (open -= 1));
      socket.on('error', () => socket.destroy());
      if (secure === undefined) plain.emit('connection', socket);
      else sortOut(socket, (isTls) => (isTls ? secure : plain).emit('connection', socket));
    },
    [Symbol.dispose]: () => disposables.forEach((end) => end()),
  };
}

/** Whether a connection to a port with TLS speaks TLS is told by its first byte, 22 for a handshake. */
function sortOut(socket: Duplex, then: (isTls: boolean) => void): void {
  socket.once('readable', () => {
    const bytes = socket.read() as Buffer | null;
    if (bytes === null) {
      socket.destroy();
      return;
    }
    socket.unshift(bytes);
    then(bytes[0] === 22);
  });
}
