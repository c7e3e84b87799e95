import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect as tlsConnect } from 'node:tls';
import type { Duplex } from 'node:stream';
import { connect as tcpConnect, isIP } from 'node:net';

/** Opens a connection as the API server's own machine would: the lab lends it the controlplane's network. */
export type Dial = (host: string, port: number, signal: AbortSignal) => Promise<Duplex>;

export interface HttpsCall {
  readonly url: string;
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** PEM bundle that vouches for the server; the system's roots when undefined. */
  readonly certificateAuthority?: string | undefined;
  readonly clientCertificate?: { readonly certificate: string; readonly key: string } | undefined;
  readonly serverName?: string | undefined;
  readonly skipVerify?: boolean;
  readonly timeoutMs: number;
  readonly dial: Dial;
}

/** Answers of webhooks larger than this are refused (apiserver/pkg/util/webhook/client.go limits nothing; a lab does). */
const MAX_ANSWER_BYTES = 3 * 1024 * 1024;

/** Through the machine this process runs on; for tests and for labs without a controlplane host. */
export const directDial: Dial = (host, port, signal) =>
  new Promise((resolve, reject) => {
    const socket = tcpConnect({ host, port, signal });
    socket.once('connect', () => resolve(socket));
    socket.once('error', reject);
  });

/** For a lab that is going to have its own network and does not have it yet: nothing of it may reach this machine. */
export const noNetworkYet: Dial = (host, port) =>
  Promise.reject(
    new Error(`dial tcp ${host.includes(':') ? `[${host}]` : host}:${port}: connect: network is unreachable`),
  );

/**
 * One HTTP request of the API server to a webhook or an issuer. Rejects with an error whose message resembles Go's for what a learner
 * meets: `dial tcp …: connect: connection refused`, `tls: failed to verify certificate: …`, `context deadline exceeded`.
 */
export async function httpsCall(call: HttpsCall): Promise<{ status: number; body: string }> {
  const url = new URL(call.url);
  const secure = url.protocol === 'https:';
  const port = Number(url.port === '' ? (secure ? 443 : 80) : url.port);
  const host = url.hostname.replaceAll(/[[\]]/g, '');
  const signal = AbortSignal.timeout(call.timeoutMs);
  try {
    const raw = await call.dial(host, port, signal);
    const socket = secure ? await secured(raw, call, host, signal) : raw;
    return await exchange(call, url, socket, signal);
  } catch (error) {
    throw signal.aborted ? new Error('context deadline exceeded', { cause: error }) : inGoWords(error, host, port);
  }
}

function secured(raw: Duplex, call: HttpsCall, host: string, signal: AbortSignal): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const servername = call.serverName ?? (/^[\d.:]+$/.test(host) ? '' : host);
    const socket = tlsConnect({
      socket: raw,
      servername,
      host,
      ...(call.certificateAuthority === undefined ? {} : { ca: call.certificateAuthority }),
      ...(call.clientCertificate === undefined
        ? {}
        : { cert: call.clientCertificate.certificate, key: call.clientCertificate.key }),
      rejectUnauthorized: call.skipVerify !== true,
    });
    signal.addEventListener('abort', () => socket.destroy(new Error('aborted')), { once: true });
    socket.once('secureConnect', () => resolve(socket));
    socket.once('error', reject);
  });
}

function exchange(
  call: HttpsCall,
  url: URL,
  socket: Duplex,
  signal: AbortSignal,
): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const request = send(url, {
      method: call.method,
      createConnection: () => socket, // only heeded where no agent is named
      signal,
      headers: {
        accept: 'application/json, */*',
        'user-agent': 'kube-apiserver-admission',
        ...(call.body === undefined
          ? {}
          : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(call.body)) }),
        connection: 'close',
        ...call.headers,
      },
    });
    request.once('error', reject);
    request.once('response', (response) => {
      const parts: Buffer[] = [];
      let size = 0;
      response.on('data', (part: Buffer) => {
        size += part.length;
        if (size > MAX_ANSWER_BYTES) request.destroy(new Error('the answer is too large'));
        else parts.push(part);
      });
      response.once('error', reject);
      response.once('end', () => {
        socket.destroy();
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(parts).toString('utf8') });
      });
    });
    request.end(call.body);
  });
}

function inGoWords(error: unknown, host: string, port: number): Error {
  const { code, message } = error as { code?: string; message?: string };
  const address = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  const text = message ?? String(error);
  switch (code) {
    case 'ECONNREFUSED':
      return new Error(`dial tcp ${address}: connect: connection refused`, { cause: error });
    case 'ENOTFOUND':
      return new Error(`dial tcp: lookup ${host}: no such host`, { cause: error });
    case 'EHOSTUNREACH':
      return new Error(`dial tcp ${address}: connect: no route to host`, { cause: error });
    case 'ECONNRESET':
      return new Error('EOF', { cause: error });
    case 'CERT_HAS_EXPIRED':
      return new Error('tls: failed to verify certificate: x509: certificate has expired or is not yet valid', {
        cause: error,
      });
    case 'CERT_SIGNATURE_FAILURE':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
      return new Error('tls: failed to verify certificate: x509: certificate signed by unknown authority', {
        cause: error,
      });
    case 'ERR_TLS_CERT_ALTNAME_INVALID': {
      const { subjectaltname = '' } = (error as { cert?: { subjectaltname?: string } }).cert ?? {};
      return new Error(`tls: failed to verify certificate: x509: ${otherNames(host, subjectaltname)}`, {
        cause: error,
      });
    }
    default:
      return error instanceof Error ? error : new Error(text);
  }
}

/** What Go says of a certificate for other names (crypto/x509/verify.go HostnameError). `names` as OpenSSL prints them. */
function otherNames(host: string, names: string): string {
  const all = (kind: string): string =>
    names
      .split(', ')
      .flatMap((name) => (name.startsWith(`${kind}:`) ? [name.slice(kind.length + 1)] : []))
      .join(', ');
  if (isIP(host) !== 0)
    return all('IP Address') === ''
      ? `cannot validate certificate for ${host} because it doesn't contain any IP SANs`
      : `certificate is valid for ${all('IP Address')}, not ${host}`;
  return all('DNS') === ''
    ? `certificate is not valid for any names, but wanted to match ${host}`
    : `certificate is valid for ${all('DNS')}, not ${host}`;
}
