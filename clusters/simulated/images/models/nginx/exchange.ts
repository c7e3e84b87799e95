import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { ModelContext } from '../model.ts';
import type { NginxConfig, ServerBlock } from './config.ts';

/** One request, and what it takes to answer it. */
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

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer;
}

/** The path that was asked for, decoded. */
export function pathOf(url: string): string {
  try {
    return decodeURIComponent(new URL(url, 'http://x').pathname);
  } catch {
    return '/';
  }
}

/** Who asks, as IPv4. */
export const addressOf = (socket: Socket): string => (socket.remoteAddress ?? '127.0.0.1').replace(/^::ffff:/, '');

/** The variables that a lab's configurations use (https://nginx.org/en/docs/varindex.html). */
export function filledIn({ server, request, context }: Exchange, text: string): string {
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

/** Whether the connection speaks TLS. */
export const isEncrypted = (socket: Socket): socket is TLSSocket => 'encrypted' in socket;

const subjectOf = (socket: Socket): string =>
  isEncrypted(socket) ? (socket.getPeerX509Certificate()?.subject.split('\n').reverse().join(',') ?? '') : '';
