import { createServer as createHttp, type ServerResponse } from 'node:http';
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
import { boundHttp, refusePlain } from '../go-tls.ts';
import { readHostText } from '../host-text.ts';
import type { StartFailure, Unit } from '../systemd/unit.ts';
import { ETCD_VERSION } from './answer.ts';
import { keepDatabase } from './data-folder.ts';
import type { EtcdData } from './etcd-data.ts';
import { readEtcdFlags, type EtcdFlags } from './etcd-flags.ts';
import { EtcdServer } from './etcd-methods.ts';
import { serveCall } from './grpc-stream.ts';

/**
 * etcd's client API over the cluster's store: gRPC with the TLS that its command line asks for. On a node of kubeadm's it is a static
 * pod, so whoever runs static pods starts it with the manifest's command; the files are read from the host at each start.
 */
export function etcdDaemon(host: SimulatedHost, data: EtcdData, clock: Clock): Unit {
  let running: AsyncDisposableStack | undefined;
  return {
    async start(launch) {
      const flags = readEtcdFlags(launch.argv.slice(1));
      if ('status' in flags) return flags;
      const tls = flags.listen.some(({ protocol }) => protocol === 'https:') ? await readTls(host, flags) : undefined;
      if (typeof tls === 'string') return fatal(tls);
      await using listeners = new AsyncDisposableStack();
      const etcd = listeners.use(new EtcdServer(data, { name: flags.name, clientUrls: flags.advertised }, clock));
      try {
        const plain = tls === undefined || flags.listen.some(({ protocol }) => protocol === 'http:');
        const acceptPlain = plain ? plainAcceptor(etcd) : undefined;
        const acceptTls = tls === undefined ? undefined : tlsAcceptor(tls, etcd);
        for (const url of flags.listen) {
          const accept = (url.protocol === 'http:' ? acceptPlain : acceptTls) ?? acceptPlain;
          if (accept === undefined) continue;
          listeners.use(serveConnections(await launch.listen(Number(url.port), addressOf(url)), accept));
          launch.log(
            `{"level":"info","msg":"serving client traffic ${tls === undefined ? 'insecurely; this is strongly discouraged!' : 'securely'}","address":"${url.host}"}`,
          );
        }
        for (const url of flags.metrics) {
          const plain = boundHttp(createHttp((request, response) => health(request.url, response)));
          const accept = (socket: Socket) => void plain.emit('connection', socket);
          listeners.use(serveConnections(await launch.listen(Number(url.port), addressOf(url)), accept));
        }
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

interface EtcdTls {
  readonly server: Http2SecureServer;
}

async function readTls(host: SimulatedHost, flags: EtcdFlags): Promise<EtcdTls | string> {
  if (flags.certFile === '' || flags.keyFile === '') {
    return `TLS key/cert (--cert-file, --key-file) must be provided for client url ${flags.listen[0]?.origin} with HTTPS scheme`;
  }
  const read = async (path: string) => (path === '' ? undefined : await readHostText(host, path));
  const files = [flags.certFile, flags.keyFile, flags.trustedCaFile];
  const [cert, key, ca] = await Promise.all(files.map(read));
  if (cert === undefined || key === undefined)
    return `open ${cert === undefined ? flags.certFile : flags.keyFile}: no such file or directory`;
  if (flags.trustedCaFile !== '' && ca === undefined) return `open ${flags.trustedCaFile}: no such file or directory`;
  // Naming a CA alone already makes etcd ask for a certificate (etcd/client/pkg/transport, TLSInfo.ServerConfig).
  const verify = flags.clientCertAuth || flags.trustedCaFile !== '';
  const asked = verify ? { requestCert: true, rejectUnauthorized: true, ...(ca === undefined ? {} : { ca }) } : {};
  try {
    return { server: createSecureServer({ cert, key, minVersion: 'TLSv1.2', allowHTTP1: true, ...asked }) };
  } catch (error) {
    return `tls: ${error instanceof Error ? error.message : String(error)}`;
  }
}

type Accept = (socket: Socket) => void;

function plainAcceptor(etcd: EtcdServer): Accept {
  const server = createServer();
  serveGrpc(server, etcd);
  return (socket) => void server.emit('connection', socket);
}

function tlsAcceptor({ server }: EtcdTls, etcd: EtcdServer): Accept {
  server.on('tlsClientError', (_error, socket) => socket.destroy());
  serveGrpc(server, etcd);
  return (socket) => refusePlain(socket, () => server.emit('connection', socket));
}

function serveGrpc(server: Http2Server | Http2SecureServer, etcd: EtcdServer): void {
  server.on('sessionError', () => {}); // a client that speaks no HTTP/2; its socket is closed
  server.on('request', (request: Http2ServerRequest, response: Http2ServerResponse) => {
    // Over TLS a client may speak HTTP/1 too; node then hands over its HTTP/1 classes.
    if (request.httpVersionMajor < 2 || !String(request.headers['content-type']).startsWith('application/grpc')) {
      health(request.url, response);
      return;
    }
    serveCall(request, response, (call) => etcd.open(request.url, call));
  });
}

/** What etcd answers over plain HTTP: its health and version. */
function health(url: string | undefined, response: Http2ServerResponse | ServerResponse): void {
  const body = {
    '/health': '{"health":"true","reason":""}',
    '/version': `{"etcdserver":"${ETCD_VERSION}","etcdcluster":"3.5.0"}`,
  }[url ?? ''];
  response.statusCode = body === undefined ? 404 : 200;
  response.setHeader('content-type', body === undefined ? 'text/plain; charset=utf-8' : 'application/json');
  response.end(body ?? '404 page not found\n');
}
