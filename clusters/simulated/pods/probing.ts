import { request as httpRequest } from 'node:http';
import { connect as connectHttp2, constants } from 'node:http2';
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { connect as tlsConnect } from 'node:tls';
import { getSystemErrorName } from 'node:util';
import { noConnection, portOf, urlOf } from '../kubernetes/kubelet/probes/foretold.ts';
import type { ProbeOutcome } from '../kubernetes/kubelet/probes/verdict.ts';
import type { Container, ExecAction, HTTPGetAction, Pod, Probe } from '../kubernetes/model/generated/objects.ts';
import { RELEASE } from '../kubernetes/bootstrap/release.ts';

/** What a kubelet can reach of a pod. */
export interface ProbedPod {
  /** Runs a command in the container; rejects where it cannot be started. */
  exec(argv: readonly string[], signal: AbortSignal): Promise<{ readonly exitCode: number; readonly output: string }>;
  /** Connects from the pod's node: a connection, the number of the system's error, or undefined on abort. */
  dial(address: string, port: number, signal: AbortSignal): Promise<Duplex | number | undefined>;
}

/** Of a probe's output and of a response's body (pkg/probe maxReadLength, maxRespBodyLength). */
const MAX_OUTPUT = 10 * 1024;

/** Go's net/http, when a client's time is over. */
const LATE = 'context deadline exceeded (Client.Timeout exceeded while awaiting headers)';

const well: ProbeOutcome = { succeeded: true, message: '' };
const amiss = (message: string): ProbeOutcome => ({ succeeded: false, message });

/** Tries a probe once against what runs (pkg/probe/{exec,http,tcp,grpc}), in the words of their failures. */
export async function tryProbe(pod: Pod, container: Container, probe: Probe, reach: ProbedPod): Promise<ProbeOutcome> {
  const { exec, httpGet, tcpSocket, timeoutSeconds = 1 } = probe;
  const signal = AbortSignal.timeout(timeoutSeconds * 1000);
  if (exec !== undefined) return tryCommand(exec, timeoutSeconds, reach, signal);
  const port = portOf(probe, container);
  if (port === undefined) return amiss(`couldn't find port: ${String(httpGet?.port ?? tcpSocket?.port)}`);
  const host = (httpGet?.host ?? tcpSocket?.host) || (pod.status.podIP ?? '');
  const connection = await reach.dial(host, port, signal);
  if (!(connection instanceof Duplex)) {
    if (connection === undefined && httpGet !== undefined) return amiss(`Get "${urlOf(httpGet, host, port)}": ${LATE}`);
    const why = connection === undefined ? 'i/o timeout' : `connect: ${systemWords(connection)}`;
    return amiss(noConnection(probe, host, port, why));
  }
  connection.on('error', () => undefined);
  try {
    if (httpGet !== undefined) return await tryHttp(httpGet, host, port, connection as Socket, signal);
    if (probe.grpc !== undefined) return await tryGrpc(probe, host, port, connection, signal);
    return well;
  } finally {
    connection.destroy();
  }
}

async function tryCommand(
  { command }: ExecAction,
  seconds: number,
  reach: ProbedPod,
  signal: AbortSignal,
): Promise<ProbeOutcome> {
  const argv = command ?? [];
  try {
    const { exitCode, output } = await reach.exec(argv, signal);
    return exitCode === 0 ? well : amiss(output.slice(0, MAX_OUTPUT));
  } catch (error) {
    if (signal.aborted) return amiss(`command timed out: "${argv.join(' ')}" timed out after ${seconds}s`);
    return amiss(error instanceof Error ? error.message : String(error));
  }
}

/** What Go says of an error of the system that a dial can end with. */
function systemWords(number: number): string {
  const name = getSystemErrorName(-Math.abs(number));
  const words: Readonly<Record<string, string>> = {
    ECONNREFUSED: 'connection refused',
    EHOSTUNREACH: 'no route to host',
    ENETUNREACH: 'network is unreachable',
    ETIMEDOUT: 'connection timed out',
  };
  return words[name] ?? name;
}

function tryHttp(
  get: HTTPGetAction,
  host: string,
  port: number,
  connection: Socket,
  signal: AbortSignal,
): Promise<ProbeOutcome> {
  const url = urlOf(get, host, port);
  const headers: Record<string, string> = { 'user-agent': `kube-probe/${minor(RELEASE.kubernetes)}`, accept: '*/*' };
  for (const { name, value } of get.httpHeaders ?? []) headers[name.toLowerCase()] = value;
  return new Promise((resolve) => {
    const secure = url.startsWith('https:');
    const { pathname, search } = new URL(url);
    const options = {
      headers: { host: `${host}:${port}`, ...headers, connection: 'close' },
      path: `${pathname}${search}`,
      signal,
    };
    const asked = httpRequest({
      ...options,
      // Whoever answers is the right one: a kubelet checks no certificates.
      createConnection: () => (secure ? tlsConnect({ socket: connection, rejectUnauthorized: false }) : connection),
    });
    asked.on('response', (response) => {
      const { statusCode = 0 } = response;
      response.destroy();
      resolve(statusCode >= 200 && statusCode < 400 ? well : amiss(`HTTP probe failed with statuscode: ${statusCode}`));
    });
    asked.on('error', (error) => {
      const why = signal.aborted ? LATE : 'code' in error && error.code === 'ECONNRESET' ? 'EOF' : error.message;
      resolve(amiss(`Get "${url}": ${why}`));
    });
    asked.end();
  });
}

const minor = (version: string): string => version.replace(/^v(\d+\.\d+).*/, '$1');

/** grpc.health.v1.Health/Check: the service's name as field 1 of the request, its status as field 1 of the answer, 1 being SERVING. */
function tryGrpc(
  { grpc, timeoutSeconds = 1 }: Probe,
  host: string,
  port: number,
  connection: Duplex,
  signal: AbortSignal,
): Promise<ProbeOutcome> {
  const service = Buffer.from(grpc?.service ?? '');
  const field = service.length === 0 ? service : Buffer.concat([Buffer.from([10, service.length]), service]);
  const head = Buffer.alloc(5);
  head.writeUInt32BE(field.length, 1);
  const late = amiss(
    `timeout: failed to connect service "${host}:${port}" within ${timeoutSeconds}s: context deadline exceeded`,
  );
  return new Promise((resolve) => {
    const session = connectHttp2(`http://${host}:${port}`, { createConnection: () => connection });
    const end = (outcome: ProbeOutcome): void => {
      session.destroy();
      resolve(outcome);
    };
    session.on('error', () => end(late));
    signal.addEventListener('abort', () => end(late), { once: true });
    const call = session.request({
      [constants.HTTP2_HEADER_METHOD]: 'POST',
      [constants.HTTP2_HEADER_PATH]: '/grpc.health.v1.Health/Check',
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    const answer: Buffer[] = [];
    call.on('error', () => end(late));
    call.on('data', (bytes: Buffer) => answer.length < 16 && answer.push(bytes));
    call.on('end', () => {
      const status = Buffer.concat(answer).subarray(5);
      const serves = status[0] === 8 && status[1] === 1;
      end(serves ? well : amiss('service unhealthy (responded with "NOT_SERVING")'));
    });
    call.end(Buffer.concat([head, field]));
  });
}
