import { once } from 'node:events';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Host, KubeAccess } from '../../clusters/cluster.ts';
import { exchange, type HttpAnswer, jsonOf, overTls } from './exchange.ts';

export interface KubeRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly contentType?: string;
  readonly maxBytes?: number;
  /** Leave from this host's network, to the control plane's own port, instead of straight from this machine. */
  readonly from?: Host;
  readonly signal: AbortSignal;
}

export interface KubeAnswer extends HttpAnswer {
  /** undefined when the body is not JSON. */
  readonly json: unknown;
}

/** Where an API server listens on its own host; kubeadm's default `--secure-port`. */
const API_HOST = 'controlplane';
const API_PORT = 6443;

/** A list of a small cluster is well below this; the leak scan reads whole lists. */
const LIST_BYTES = 16 * 1024 * 1024;

/** Nothing answered: why, in the words of `Host.dial`. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
  readonly state: 'refused' | 'timeout' | 'unreachable' | 'unresolved';
  constructor(state: NoAnswer['state'], detail: string) {
    super(detail);
    this.state = state;
  }
}

/**
 * One request to the API server with the credentials of that access. Throws `NoAnswer` when there is no connection, else what the
 * connection threw. An HTTP error is an answer.
 */
export async function kubeRequest(access: KubeAccess, request: KubeRequest): Promise<KubeAnswer> {
  const { signal } = request;
  const url = new URL(access.server);
  const plain = request.from === undefined ? await dialServer(url, signal) : await dialFrom(request.from, signal);
  const { credential } = access;
  const socket = await overTls(
    plain,
    {
      certificateAuthority: access.certificateAuthority,
      ...(credential.kind === 'certificate' ? { certificate: credential.certificate, key: credential.key } : {}),
    },
    signal,
  );
  const answer = await exchange(socket, {
    method: request.method,
    path: request.path,
    host: request.from === undefined ? url.host : `${API_HOST}:${API_PORT}`,
    headers: {
      accept: 'application/json',
      'user-agent': 'breachlab-grader',
      ...(credential.kind === 'token' ? { authorization: `Bearer ${credential.token}` } : {}),
      ...(request.body === undefined ? {} : { 'content-type': request.contentType ?? 'application/json' }),
    },
    body: request.body === undefined ? undefined : JSON.stringify(request.body),
    maxBytes: request.maxBytes ?? LIST_BYTES,
    signal,
  });
  return { ...answer, json: jsonOf(answer.text) };
}

async function dialServer(url: URL, signal: AbortSignal): Promise<Duplex> {
  const socket = connect(Number(url.port === '' ? 443 : url.port), url.hostname);
  try {
    await once(socket, 'connect', { signal });
    return socket;
  } catch (error) {
    socket.on('error', () => {});
    socket.destroy();
    if (signal.aborted) throw new NoAnswer('timeout', 'no connection in time');
    const code = (error as NodeJS.ErrnoException).code ?? '';
    throw new NoAnswer(code === 'ECONNREFUSED' ? 'refused' : 'unreachable', `${code} ${url.host}`.trim());
  }
}

async function dialFrom(host: Host, signal: AbortSignal): Promise<Duplex> {
  const dialled = await host.dial(API_HOST, API_PORT, signal);
  if (dialled.outcome === 'open') return dialled.socket;
  throw new NoAnswer(dialled.outcome, dialled.detail);
}

/** The words of a `Status` object, or of whatever else came. */
export function statusMessage(answer: KubeAnswer): string {
  const { json } = answer;
  if (typeof json === 'object' && json !== null && 'message' in json && typeof json.message === 'string')
    return json.message;
  return answer.text.slice(0, 300);
}
