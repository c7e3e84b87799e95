import type { IncomingMessage, ServerResponse } from 'node:http';
import { request as httpRequest, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import ipaddr from 'ipaddr.js';
import type { ModelContext } from '../model.ts';
import { locationFor, type NginxConfig, type Scope, type ServerBlock } from './config.ts';

export interface Exchange {
  readonly config: NginxConfig;
  readonly server: ServerBlock;
  readonly port: number;
  /** `nginx/1.27.5` */
  readonly version: string;
  readonly context: ModelContext;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer;
}

const UPSTREAM_MS = 5000;
const MAX_BODY = 1024 * 1024;

/** conf/mime.types, the part that a lab's pages need. */
const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html',
  htm: 'text/html',
  css: 'text/css',
  xml: 'text/xml',
  js: 'application/javascript',
  json: 'application/json',
  txt: 'text/plain',
  png: 'image/png',
  svg: 'image/svg+xml',
  ico: 'image/x-icon',
};

/** Words of nginx's own that differ from the standard's (src/http/ngx_http_special_response.c). */
const REASONS: Readonly<Record<number, string>> = {
  302: 'Found',
  413: 'Request Entity Too Large',
  414: 'Request-URI Too Large',
  416: 'Requested Range Not Satisfiable',
  503: 'Service Temporarily Unavailable',
  504: 'Gateway Time-out',
};

const reason = (status: number): string => REASONS[status] ?? STATUS_CODES[status] ?? '';

/** Answers one request, and logs it as access_log's `main` does. */
export async function respond(exchange: Exchange): Promise<void> {
  const { server, version, context, request, response } = exchange;
  const path = pathOf(request.url ?? '/');
  const scope: Scope = locationFor(server, path) ?? server;
  const answer = refusedByCertificate(exchange) ?? (await answerOf(exchange, path, scope));
  const name = scope.tokens ? version : 'nginx';
  const page = answer.body ?? (answer.status >= 300 ? errorPage(answer.status, name) : Buffer.alloc(0));
  const added = answer.status < 400 ? scope.headers : scope.headers.filter(([, value]) => value === 'always');
  response.sendDate = true;
  response.writeHead(answer.status, reason(answer.status), {
    server: name,
    'content-type': 'text/html',
    'content-length': String(page.length),
    ...answer.headers,
    ...Object.fromEntries(added),
  });
  response.end(request.method === 'HEAD' ? undefined : page);
  const { referer = '-', 'user-agent': agent = '-', 'x-forwarded-for': forwarded = '-' } = request.headers;
  const line = `${request.method} ${request.url} HTTP/${request.httpVersion}`;
  const from = addressOf(request.socket);
  context.log(
    `${from} - - [${logTime(context.now())}] "${line}" ${answer.status} ${page.length} "${referer}" "${agent}" "${String(forwarded)}"`,
  );
}

function pathOf(url: string): string {
  try {
    return decodeURIComponent(new URL(url, 'http://x').pathname);
  } catch {
    return '/';
  }
}

const addressOf = (socket: Socket): string => (socket.remoteAddress ?? '127.0.0.1').replace(/^::ffff:/, '');

/** `23/Nov/2026:08:00:00 +0000` */
function logTime(now: number): string {
  const [, day, month, year, time] = /^\w+, (\d+) (\w+) (\d+) ([\d:]+)/.exec(new Date(now).toUTCString()) ?? [];
  return `${day}/${month}/${year}:${time} +0000`;
}

function refusedByCertificate({ server, port, request }: Exchange): Answer | undefined {
  const { verify } = server.tls;
  const { socket } = request;
  const isTlsPort = server.listens.some((listen) => listen.isTls && listen.port === port);
  const text = (why: string, title = why): Answer => ({
    status: 400,
    body: Buffer.from(
      `<html>\r\n<head><title>400 ${title}</title></head>\r\n<body>\r\n<center><h1>400 Bad Request</h1></center>\r\n<center>${why}</center>\r\n</body>\r\n</html>\r\n`,
    ),
  });
  if (!isEncrypted(socket)) return isTlsPort ? text('The plain HTTP request was sent to HTTPS port') : undefined;
  if (verify === 'off') return undefined;
  const has = socket.getPeerX509Certificate() !== undefined;
  if (!has) return verify === 'on' ? text('No required SSL certificate was sent') : undefined;
  if (!socket.authorized && verify !== 'optional_no_ca') return text('The SSL certificate error');
  return undefined;
}

async function answerOf(exchange: Exchange, path: string, scope: Scope): Promise<Answer> {
  const { server, request } = exchange;
  const answer = server.answer ?? scope.answer;
  if (answer !== undefined) return returned(exchange, answer, scope);
  if (!allowed(scope, addressOf(request.socket))) return { status: 403 };
  if (scope.proxyTo !== undefined) return proxied(exchange, scope.proxyTo, scope);
  if (request.method !== 'GET' && request.method !== 'HEAD') return { status: 405 };
  return file(exchange, path, scope);
}

function returned(exchange: Exchange, { code, text }: { code: number; text: string }, scope: Scope): Answer {
  if (code === 444) {
    exchange.request.socket.destroy();
    return { status: 444 };
  }
  const said = filledIn(exchange, text);
  if (code >= 300 && code < 400 && code !== 304) return { status: code, headers: { location: said } };
  if (text === '') return code === 200 || code === 204 ? { status: code, body: Buffer.alloc(0) } : { status: code };
  return { status: code, headers: { 'content-type': scope.type }, body: Buffer.from(said) };
}

/** The variables that a lab's configurations use (https://nginx.org/en/docs/varindex.html). */
function filledIn({ server, request, context }: Exchange, text: string): string {
  const host = (request.headers.host ?? server.names[0] ?? '').replace(/:\d+$/, '');
  const values: Readonly<Record<string, string>> = {
    host,
    http_host: request.headers.host ?? '',
    hostname: context.env['HOSTNAME'] ?? '',
    server_name: server.names[0] ?? '',
    request_uri: request.url ?? '/',
    uri: pathOf(request.url ?? '/'),
    scheme: isEncrypted(request.socket) ? 'https' : 'http',
    remote_addr: addressOf(request.socket),
    request_method: request.method ?? '',
    ssl_client_s_dn: subjectOf(request.socket),
    http_user_agent: request.headers['user-agent'] ?? '',
  };
  return text.replace(/\$\{?(\w+)\}?/g, (whole, name: string) => values[name] ?? whole).replaceAll('\\n', '\n');
}

const isEncrypted = (socket: Socket): socket is TLSSocket => 'encrypted' in socket;

const subjectOf = (socket: Socket): string =>
  isEncrypted(socket) ? (socket.getPeerX509Certificate()?.subject.split('\n').reverse().join(',') ?? '') : '';

function allowed({ access }: Scope, from: string): boolean {
  for (const { allows, from: range } of access) {
    if (range === 'all') return allows;
    const [address = '', bits = '32'] = range.split('/');
    if (!ipaddr.IPv4.isValid(address) || !ipaddr.IPv4.isValid(from)) continue;
    if (ipaddr.IPv4.parse(from).match(ipaddr.IPv4.parse(address), Number(bits))) return allows;
  }
  return true;
}

async function file({ context }: Exchange, path: string, scope: Scope): Promise<Answer> {
  const location = 'path' in scope ? String(scope.path) : '';
  const under = (uri: string): string =>
    (scope.alias === undefined ? `${scope.root}${uri}` : `${scope.alias}${uri.slice(location.length)}`).replace(
      /\/{2,}/g,
      '/',
    );
  const tries = scope.tryFiles.slice(0, -1);
  const last = scope.tryFiles.at(-1);
  const wanted = tries.length === 0 ? [path] : tries.map((one) => one.replaceAll('$uri', path));
  for (const uri of wanted) {
    const names = uri.endsWith('/') ? scope.index.map((name) => `${uri}${name}`) : [uri];
    for (const name of names) {
      const body = await context.files.read(under(name));
      if (body !== undefined) return { status: 200, headers: { 'content-type': typeOf(name, scope) }, body };
    }
  }
  if (last?.startsWith('=') === true) return { status: Number(last.slice(1)) };
  if (last !== undefined) {
    const body = await context.files.read(under(last.replaceAll('$uri', path)));
    if (body !== undefined) return { status: 200, headers: { 'content-type': typeOf(last, scope) }, body };
  }
  const isFolder = path.endsWith('/') && (await context.files.list(under(path))).length > 0;
  return { status: isFolder || (path === '/' && tries.length === 0) ? 403 : 404 };
}

const typeOf = (name: string, scope: Scope): string => TYPES[name.split('.').at(-1) ?? ''] ?? scope.type;

async function proxied(exchange: Exchange, to: string, scope: Scope): Promise<Answer> {
  const { config, context, request } = exchange;
  const [, scheme = '', named = '', path] = /^(https?):\/\/([^/]+)(\/.*)?$/.exec(filledIn(exchange, to)) ?? [];
  const target = config.upstreams.get(named) ?? named;
  const [host = '', port = scheme === 'https' ? '443' : '80'] = target.split(':');
  if (scheme !== 'http') return { status: 502 };
  const address = await context.resolve(host);
  const connection =
    address === undefined ? undefined : await context.dial(address, Number(port), AbortSignal.timeout(UPSTREAM_MS));
  if (connection === undefined) return { status: 502 };
  const location = 'path' in scope ? String(scope.path) : '/';
  const url = request.url ?? '/';
  // With a path of its own the part that matched is replaced by it.
  const asked = path === undefined ? url : `${path}${url.slice(location.length)}`;
  return new Promise((resolve) => {
    const call = httpRequest(
      {
        method: request.method,
        path: asked,
        headers: { ...request.headers, host: named, connection: 'close' },
        createConnection: () => connection,
        timeout: UPSTREAM_MS,
      },
      (answer) => {
        const parts: Buffer[] = [];
        let size = 0;
        answer.on('data', (bytes: Buffer) => {
          size += bytes.length;
          if (size > MAX_BODY) answer.destroy();
          else parts.push(bytes);
        });
        answer.on('error', () => resolve({ status: 502 }));
        answer.on('end', () => {
          const type = answer.headers['content-type'] ?? 'text/plain';
          const moved = answer.headers.location;
          const headers = { 'content-type': type, ...(moved === undefined ? {} : { location: moved }) };
          resolve({ status: answer.statusCode ?? 502, headers, body: Buffer.concat(parts) });
        });
      },
    );
    call.on('timeout', () => call.destroy());
    call.on('error', () => resolve({ status: 502 }));
    let sent = 0;
    request.on('data', (bytes: Buffer) => {
      sent += bytes.length;
      if (sent > MAX_BODY) {
        call.destroy();
        resolve({ status: 413 });
      } else call.write(bytes);
    });
    request.on('end', () => call.end());
  });
}

function errorPage(status: number, name: string): Buffer {
  const title = `${status} ${reason(status)}`;
  return Buffer.from(
    `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n` +
      `<hr><center>${name}</center>\r\n</body>\r\n</html>\r\n`,
  );
}
