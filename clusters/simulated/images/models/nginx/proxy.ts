import { request as httpRequest } from 'node:http';
import type { Scope } from './config.ts';
import { type Answer, type Exchange, filledIn } from './exchange.ts';

const UPSTREAM_MS = 5000;
const MAX_BODY = 1024 * 1024;

/** Passes a request on to another server and gives its answer (https://nginx.org/en/docs/http/ngx_http_proxy_module.html); not to one with TLS. */
export async function proxied(exchange: Exchange, to: string, scope: Scope): Promise<Answer> {
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
          const headers = { 'Content-Type': type, ...(moved === undefined ? {} : { Location: moved }) };
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
