import { request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { pipeline, type Duplex } from 'node:stream';
import { connect as tlsConnect } from 'node:tls';
import { commonHeaders } from '../http/respond.ts';
import type { Exchange } from '../http/exchange.ts';
import type { Location } from './location.ts';
import { unreachable } from './location.ts';
import type { KubeletTls } from './network.ts';

/** Headers that belong to one connection (net/http/httputil ReverseProxy hopHeaders), and what tells the API server who asks. */
const HELD_BACK = new Set([
  'connection',
  'proxy-connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'authorization',
  'host',
]);

const ofEndToEnd = (headers: IncomingHttpHeaders): Record<string, string | string[]> =>
  Object.fromEntries(
    Object.entries(headers).filter(([name, value]) => value !== undefined && !HELD_BACK.has(name) && name[0] !== ':'),
  ) as Record<string, string | string[]>;

/** TLS over a connection to a backend. Pods are believed whoever they are; a kubelet is checked where a CA is given. */
export function securedBackend(socket: Duplex, tls: KubeletTls | undefined): Promise<Duplex> {
  const { promise, resolve, reject } = Promise.withResolvers<Duplex>();
  const secured = tlsConnect({
    socket,
    ...(tls?.certificateAuthority === undefined ? {} : { ca: tls.certificateAuthority }),
    ...(tls?.certificate === undefined || tls.key === undefined ? {} : { cert: tls.certificate, key: tls.key }),
    rejectUnauthorized: tls?.certificateAuthority !== undefined,
    checkServerIdentity: () => undefined,
  });
  secured.once('secureConnect', () => resolve(secured));
  secured.once('error', reject);
  return promise;
}

/** What the backend is told of where the request came through (proxy.Transport). */
function forwarded({ request, info }: Exchange): Record<string, string> {
  const host = request.headers.host ?? (request.headers[':authority'] as string | undefined);
  return { 'x-forwarded-uri': info.path, 'x-forwarded-proto': 'https', ...(host ? { 'x-forwarded-host': host } : {}) };
}

/**
 * Passes the request on over that connection and its answer back, as a stream. Links within pages are left as they are; a `Location` that
 * stays on the backend is led through the proxy again. Throws the 503 of a backend that does not answer.
 */
export async function forward(exchange: Exchange, location: Location, path: string, socket: Duplex): Promise<void> {
  const { request, response, info } = exchange;
  const answer = Promise.withResolvers<IncomingMessage>();
  const sent = httpRequest({
    createConnection: () => socket,
    method: request.method,
    path,
    headers: { ...ofEndToEnd(request.headers), ...forwarded(exchange), host: location.host, connection: 'close' },
    setDefaultHeaders: false,
  });
  sent.once('error', (error: NodeJS.ErrnoException) =>
    answer.reject(unreachable(error.code === 'ECONNRESET' ? 'EOF' : error.message)),
  );
  sent.once('response', answer.resolve);
  response.once('close', () => sent.destroy());
  if (hasBody(request)) request.pipe(sent);
  else sent.end();
  const got = await answer.promise;
  const headers = ofEndToEnd(got.headers);
  if (typeof headers['location'] === 'string') {
    headers['location'] = throughProxy(headers['location'], location.host, prefixOf(info.path, path));
  }
  const own = commonHeaders(exchange) as string[];
  response.writeHead(got.statusCode ?? 502, [...own, ...Object.entries(headers).flat()] as never);
  await new Promise<void>((done) => pipeline(got, response, () => done()));
}

const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';

/** The part of the proxied path that names the proxy. */
function prefixOf(whole: string, path: string): string {
  const inner = path.split('?', 1)[0]!;
  return whole.endsWith(inner) ? whole.slice(0, whole.length - inner.length) : whole;
}

function throughProxy(target: string, host: string, prefix: string): string {
  const url = URL.parse(target, `http://${host}`);
  if (!url || url.host !== URL.parse(`http://${host}`)?.host || (!target.startsWith('/') && !/^\w+:/.test(target)))
    return target;
  const path = url.pathname.startsWith(prefix) ? url.pathname : `${prefix}${url.pathname}`;
  return `${path}${url.search}${url.hash}`;
}

/** Hands the client's own connection through, as it asked for another protocol. */
export function tunnel(exchange: Exchange, location: Location, path: string, socket: Duplex): void {
  const { request, response, upgrade, trail } = exchange;
  const client = upgrade!.socket;
  response.detachSocket(client as Socket);
  trail?.responseStarted(101);
  const headers = { ...request.headers, ...forwarded(exchange), host: location.host };
  delete headers.authorization;
  const lines = Object.entries(headers).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).map((one) => `${name}: ${String(one)}`),
  );
  socket.write(`${request.method} ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
  socket.write(upgrade!.head);
  const end = (): void => {
    client.destroy();
    socket.destroy();
  };
  pipeline(client, socket, end);
  pipeline(socket, client, end);
}
