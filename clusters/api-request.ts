import { request } from 'node:https';
import type { KubeAccess } from './cluster.ts';

export interface ApiAnswer {
  readonly status: number;
  /** The parsed JSON, or the text where it is none. */
  readonly body: unknown;
}

const TIMEOUT_MS = 5000;
const MAX_ANSWER_BYTES = 4 * 1024 * 1024;

export interface ApiRequest {
  readonly method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly body?: object;
  /** JSON unless said. */
  readonly contentType?: string;
  readonly signal?: AbortSignal;
}

/** One request to the lab's API server from this process, as a component with those credentials. Rejects when nothing answers. */
export function askApi(
  { server, certificateAuthority, credential }: KubeAccess,
  { method = 'GET', path, body, contentType = 'application/json', signal }: ApiRequest,
): Promise<ApiAnswer> {
  const payload = body === undefined ? undefined : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const asked = request(
      `${server}${path}`,
      {
        method,
        ...(signal === undefined ? {} : { signal }),
        ca: certificateAuthority,
        ...(credential.kind === 'certificate' ? { cert: credential.certificate, key: credential.key } : {}),
        headers: {
          accept: 'application/json',
          ...(credential.kind === 'token' ? { authorization: `Bearer ${credential.token}` } : {}),
          ...(payload === undefined
            ? {}
            : { 'content-type': contentType, 'content-length': Buffer.byteLength(payload) }),
        },
        agent: false,
        timeout: TIMEOUT_MS,
      },
      (response) => {
        const chunks: Buffer[] = [];
        let bytes = 0;
        response.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          if (bytes > MAX_ANSWER_BYTES) asked.destroy(new Error('the answer is too long'));
          else chunks.push(chunk);
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body: parsed(Buffer.concat(chunks)) }));
      },
    );
    asked.on('timeout', () => asked.destroy(new Error('no answer in time')));
    asked.on('error', reject);
    asked.end(payload);
  });
}

function parsed(text: Buffer): unknown {
  try {
    return JSON.parse(text.toString('utf8'));
  } catch {
    return text.toString('utf8');
  }
}
