import { createServer as createHttp, type IncomingMessage, type ServerResponse } from 'node:http';
import {
  createSecureServer,
  createServer,
  type Http2SecureServer,
  type Http2Server,
  type Http2ServerRequest,
  type Http2ServerResponse,
} from 'node:http2';
import type { Socket } from 'node:net';
import type { Clock } from '../../clock.ts';
import type { SimulatedHost } from '../../hosts/simulated-host.ts';
import { serveConnections } from '../bounded-server.ts';
import { boundHttp, handedHttps, refusePlain } from '../go-tls.ts';
import type { StartFailure, Unit } from '../systemd/unit.ts';
import { keepDatabase } from './data-folder.ts';
import type { EtcdData } from './etcd-data.ts';
import { readEtcdFlags, type EtcdFlags } from './etcd-flags.ts';
import { answerHttp } from './etcd-http.ts';
import { EtcdServer } from './etcd-methods.ts';
import { type EtcdTls, readTls } from './etcd-tls.ts';
import { serveCall } from './grpc-stream.ts';

/**
 * etcd's client API over the cluster's store: gRPC with the TLS that its command line asks for. On a node of kubeadm's it is a static
 * pod, so whoever runs static pods starts it with the manifest's command; the files are read from the host at each start. Its peers'
 * port lets in who may be a peer, of whom there is none, and tells them its version.
 */
export function etcdDaemon(host: SimulatedHost, data: EtcdData, clock: Clock): Unit {
  let running: AsyncDisposableStack | undefined;
  /** What a lab begins with needs no look before somebody comes. */
  let isFirst = true;
  return {
    async start(launch) {
      const flags = readEtcdFlags(launch.argv.slice(1));
      if ('status' in flags) return flags;
      const isSecure = flags.listen.some(({ protocol }) => protocol === 'https:');
      const tls = isSecure ? await readTls(host, flags.client) : undefined;
      if (typeof tls === 'string') return fatal(tls);
      const peers = remembered(() => peerAcceptor(host, flags));
      if (!isFirst) {
        const accept = await peers();
        if (typeof accept === 'string') return fatal(accept);
      }
      isFirst = false;
      await using listeners = new AsyncDisposableStack();
      const etcd = listeners.use(new EtcdServer(data, { name: flags.name, clientUrls: flags.advertised }, clock));
      const opened = listeners.use(new AsyncDisposableStack());
      const listen = (url: URL, accept: Accept): Promise<void> =>
        launch.listenWhenSeen(Number(url.port), addressOf(url), (server) => {
          opened.use(serveConnections(server, accept));
        });
      try {
        const plain = tls === undefined || flags.listen.some(({ protocol }) => protocol === 'http:');
        const acceptPlain = plain ? plainAcceptor(etcd) : undefined;
        const acceptTls = tls === undefined ? undefined : withTls(() => tlsAcceptor(tls, etcd));
        if (typeof acceptTls === 'string') return fatal(acceptTls);
        for (const url of flags.listen) {
          const accept = (url.protocol === 'http:' ? acceptPlain : acceptTls) ?? acceptPlain;
          if (accept === undefined) continue;
          await listen(url, accept);
          launch.log(
            `{"level":"info","msg":"serving client traffic ${tls === undefined ? 'insecurely; this is strongly discouraged!' : 'securely'}","address":"${url.host}"}`,
          );
        }
        for (const url of flags.peers) {
          await listen(url, (socket) => {
            peers().then(
              (accept) => (typeof accept === 'string' ? socket.destroy() : accept(socket)),
              () => socket.destroy(),
            );
          });
          launch.log(`{"level":"info","msg":"serving peer traffic","address":"${url.host}"}`);
        }
        const metrics = boundHttp(createHttp((request, response) => answerHttp(request.url, response)));
        for (const url of flags.metrics) await listen(url, (socket) => void metrics.emit('connection', socket));
      } catch (error) {
        return fatal(error instanceof Error ? error.message : String(error));
      }
      if (flags.dataDir.startsWith('/')) listeners.use(keepDatabase(host, data, flags.dataDir, clock));
      running = listeners.move();
      return undefined;
    },
    async stop() {
      await running?.disposeAsync();
      running = undefined;
    },
  };
}

function addressOf({ hostname }: URL): string {
  return hostname === 'localhost' ? '127.0.0.1' : hostname.replaceAll(/[[\]]/g, '');
}

function fatal(error: string): StartFailure {
  return { status: 1, lines: [`{"level":"fatal","msg":"discovery failed","error":${JSON.stringify(error)}}`] };
}

type Accept = (socket: Socket) => void;

function plainAcceptor(etcd: EtcdServer): Accept {
  const server = createServer();
  serveGrpc(server, etcd);
  return (socket) => void server.emit('connection', socket);
}

function tlsAcceptor(terms: EtcdTls, etcd: EtcdServer): Accept {
  const server = createSecureServer({ ...terms, minVersion: 'TLSv1.2', allowHTTP1: true });
  server.on('tlsClientError', (_error, socket) => socket.destroy());
  serveGrpc(server, etcd);
  return (socket) => refusePlain(socket, () => server.emit('connection', socket));
}

function serveGrpc(server: Http2Server | Http2SecureServer, etcd: EtcdServer): void {
  server.on('sessionError', () => {}); // a client that speaks no HTTP/2; its socket is closed
  server.on('request', (request: Http2ServerRequest, response: Http2ServerResponse) => {
    // Over TLS a client may speak HTTP/1 too; node then hands over its HTTP/1 classes.
    if (request.httpVersionMajor < 2 || !String(request.headers['content-type']).startsWith('application/grpc')) {
      answerHttp(request.url, response);
      return;
    }
    serveCall(request, response, (call) => etcd.open(request.url, call));
  });
}

/** Takes the connections of peers; a string is why it cannot. */
async function peerAcceptor(host: SimulatedHost, flags: EtcdFlags): Promise<Accept | string> {
  const tell = (request: IncomingMessage, response: ServerResponse): void =>
    answerHttp(request.url, response, ['/version']);
  const plain = boundHttp(createHttp(tell));
  if (flags.peers.every(({ protocol }) => protocol === 'http:'))
    return (socket) => void plain.emit('connection', socket);
  const tls = await readTls(host, flags.peer);
  return typeof tls === 'string' ? tls : withTls(() => handedHttps({ ...tls, minVersion: 'TLSv1.2' }, tell));
}

/** What has TLS, or why there is none: files may be there and be no certificate, or no key of it. */
function withTls<T>(make: () => T): T | string {
  try {
    return make();
  } catch (error) {
    return `tls: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** The same, made when it is first asked for. */
function remembered<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}
