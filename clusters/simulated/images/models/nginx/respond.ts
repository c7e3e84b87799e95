import { STATUS_CODES } from 'node:http';
import ipaddr from 'ipaddr.js';
import { locationFor, type Scope } from './config.ts';
import { addressOf, type Answer, type Exchange, filledIn, isEncrypted, pathOf } from './exchange.ts';
import { proxied } from './proxy.ts';

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
  response.writeHead(answer.status, reason(answer.status), {
    Server: name,
    Date: new Date(context.now()).toUTCString(),
    'Content-Type': 'text/html',
    'Content-Length': String(page.length),
    Connection: response.shouldKeepAlive ? 'keep-alive' : 'close',
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
  if (code >= 300 && code < 400 && code !== 304) return { status: code, headers: { Location: said } };
  if (text === '') return code === 200 || code === 204 ? { status: code, body: Buffer.alloc(0) } : { status: code };
  return { status: code, headers: { 'Content-Type': scope.type }, body: Buffer.from(said) };
}

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
      if (body !== undefined) return { status: 200, headers: { 'Content-Type': typeOf(name, scope) }, body };
    }
  }
  if (last?.startsWith('=') === true) return { status: Number(last.slice(1)) };
  if (last !== undefined) {
    const body = await context.files.read(under(last.replaceAll('$uri', path)));
    if (body !== undefined) return { status: 200, headers: { 'Content-Type': typeOf(last, scope) }, body };
  }
  const isFolder = path.endsWith('/') && (await context.files.list(under(path))).length > 0;
  return { status: isFolder || (path === '/' && tries.length === 0) ? 403 : 404 };
}

const typeOf = (name: string, scope: Scope): string => TYPES[name.split('.').at(-1) ?? ''] ?? scope.type;

function errorPage(status: number, name: string): Buffer {
  const title = `${status} ${reason(status)}`;
  return Buffer.from(
    `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n` +
      `<hr><center>${name}</center>\r\n</body>\r\n</html>\r\n`,
  );
}
