import { once } from 'node:events';
import { request } from 'node:http';
import type { Duplex } from 'node:stream';
import { connect, type TLSSocket } from 'node:tls';

export interface HttpRequest {
  readonly method: string;
  readonly path: string;
  /** The Host header. */
  readonly host: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  readonly maxBytes: number;
  readonly signal: AbortSignal;
}

export interface HttpAnswer {
  readonly status: number;
  /** Names in lower case; several values are joined by a comma. */
  readonly headers: Readonly<Record<string, string>>;
  /** At most `maxBytes` of the body, as UTF-8. */
  readonly text: string;
  readonly truncated: boolean;
}

/** One HTTP/1.1 request over a connection that exists already, which it closes. Rejects on a broken connection, no HTTP, or abort. */
export async function exchange(
  socket: Duplex,
  { method, path, host, headers, body, maxBytes, signal }: HttpRequest,
): Promise<HttpAnswer> {
  try {
    return await new Promise<HttpAnswer>((resolve, reject) => {
      const call = request({
        createConnection: () => socket, // without an agent, which would dial by itself
        method,
        path,
        headers: {
          host,
          connection: 'close',
          ...(body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }),
          ...headers,
        },
        signal,
      });
      call.on('error', reject);
      call.on('response', (response) => {
        const chunks: Buffer[] = [];
        let size = 0;
        const finish = (truncated: boolean): void => {
          const names = Object.entries(response.headers);
          resolve({
            status: response.statusCode ?? 0,
            headers: Object.fromEntries(
              names.map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : (value ?? '')]),
            ),
            text: Buffer.concat(chunks).subarray(0, maxBytes).toString('utf8'),
            truncated,
          });
        };
        response.on('data', (chunk: Buffer) => {
          chunks.push(chunk);
          size += chunk.length;
          if (size > maxBytes) finish(true);
        });
        response.on('end', () => finish(false));
        response.on('error', reject);
      });
      call.end(body);
    });
  } finally {
    socket.on('error', () => {}); // what breaks after the answer is no part of it
    socket.destroy();
  }
}

export interface TlsTerms {
  /** Sent as SNI; undefined for an address. */
  readonly servername?: string | undefined;
  /** PEM of the only authority to trust; undefined: any certificate will do. */
  readonly certificateAuthority?: string | undefined;
  readonly certificate?: string | undefined;
  readonly key?: string | undefined;
}

/** TLS as a client over a connection that exists already. Rejects when the handshake fails or the signal fires. */
export async function overTls(socket: Duplex, terms: TlsTerms, signal: AbortSignal): Promise<TLSSocket> {
  const secure = connect({
    socket,
    ...(terms.servername === undefined ? {} : { servername: terms.servername }),
    ...(terms.certificateAuthority === undefined ? {} : { ca: terms.certificateAuthority }),
    ...(terms.certificate === undefined ? {} : { cert: terms.certificate }),
    ...(terms.key === undefined ? {} : { key: terms.key }),
    rejectUnauthorized: terms.certificateAuthority !== undefined,
    // A host's name rarely stands in a lab's certificates; that the authority signed it is what counts here.
    checkServerIdentity: () => undefined,
  });
  try {
    await once(secure, 'secureConnect', { signal });
    return secure;
  } catch (error) {
    secure.on('error', () => {});
    secure.destroy();
    socket.destroy();
    throw error;
  }
}

/** The value of a JSON text; undefined when it is none. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
