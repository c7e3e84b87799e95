import { type ClientRequest, type IncomingMessage, request as httpRequest } from 'node:http';
import { type Duplex, Readable } from 'node:stream';
import { connect as tlsConnect } from 'node:tls';
import { z } from 'zod';
import type { CommandCall, SimulatedHost } from '../../../hosts/simulated-host.ts';
import { lastFlag, type Flags } from './flags.ts';
import { readHostText } from '../../host-text.ts';
import { socketPath } from '../daemon-config.ts';
import { DOCKER_API } from '../versions.ts';

/** Speaks to an engine; all of it rejects with `DockerClientError` in docker's own words. */
export interface DockerClient {
  readonly address: string;
  send(method: string, path: string, body?: unknown): Promise<{ readonly status: number; readonly body: Buffer }>;
  /** An answer that goes on; a body may be a stream. */
  stream(method: string, path: string, body?: unknown): Promise<IncomingMessage>;
  /** Takes over the connection of a request; an answer instead of that is an error in the engine's words. */
  hijack(path: string, body?: unknown): Promise<Duplex>;
}

/** What docker prints before it exits with 1. */
export class DockerClientError extends Error {
  override readonly name = 'DockerClientError';
}

const MAX_ANSWER_BYTES = 4 * 1024 * 1024;

/**
 * Finds the engine as the docker command does (`-H`, DOCKER_HOST, DOCKER_TLS_VERIFY, DOCKER_CERT_PATH) and reaches it over the calling
 * host's own network. `openUnix` leads to an engine on the same host; `denied` to whoever may not open its socket.
 */
export function dockerClient(
  host: SimulatedHost,
  call: CommandCall,
  flags: Flags,
  openUnix: (path: string) => Promise<Duplex | 'denied' | undefined>,
): DockerClient {
  const address = lastFlag(flags, 'host') ?? call.env['DOCKER_HOST'] ?? 'unix:///var/run/docker.sock';
  const unreachable = new DockerClientError(
    `Cannot connect to the Docker daemon at ${address}. Is the docker daemon running?`,
  );
  const verify = flags.has('tlsverify') || (call.env['DOCKER_TLS_VERIFY'] ?? '') !== '';

  const connect = async (method: string, path: string): Promise<Duplex> => {
    const unix = /^unix:\/\/(.*)$/.exec(address)?.[1];
    if (unix !== undefined) {
      const socket = await openUnix(socketPath(unix));
      if (socket === 'denied') throw deniedAt(unix, method, path);
      if (socket === undefined) throw unreachable;
      return socket;
    }
    const [, v6, name = '', port] = /^(?:tcp:\/\/)?(?:\[(.+)\]|([^:/]+))(?::(\d+))?\/?$/.exec(address) ?? [];
    const tls = verify || flags.has('tls');
    if (tls && call.uid !== undefined)
      throw new DockerClientError('not simulated: keys and certificates of docker for users other than root');
    const target = v6 ?? name;
    if (target === '') throw new DockerClientError(`not simulated: an engine at ${address}; use tcp://HOST:PORT`);
    const dialled = await host.dial(
      target,
      Number(port ?? (tls ? 2376 : 2375)),
      AbortSignal.any([call.signal, AbortSignal.timeout(15_000)]),
    );
    if (dialled.outcome === 'unresolved') {
      throw new DockerClientError(`error during connect: dial tcp: lookup ${target}: no such host`);
    }
    if (dialled.outcome !== 'open') throw unreachable;
    return tls ? secured(dialled.socket, target) : dialled.socket;
  };

  const deniedAt = (unix: string, method: string, path: string): DockerClientError => {
    const verb = `${method.charAt(0)}${method.slice(1).toLowerCase()}`;
    return new DockerClientError(
      `permission denied while trying to connect to the Docker daemon socket at ${address}: ${verb} "http://${encodeURIComponent(unix)}/v${DOCKER_API}${path}": dial unix ${unix}: connect: permission denied`,
    );
  };

  const secured = async (socket: Duplex, name: string): Promise<Duplex> => {
    const folder = call.env['DOCKER_CERT_PATH'] ?? '/root/.docker';
    const file = (option: string, usual: string) => readHostText(host, lastFlag(flags, option) ?? `${folder}/${usual}`);
    const [ca, cert, key] = await Promise.all([
      file('tlscacert', 'ca.pem'),
      file('tlscert', 'cert.pem'),
      file('tlskey', 'key.pem'),
    ]);
    const pair = cert === undefined || key === undefined ? {} : { cert, key };
    return new Promise((resolve, reject) => {
      const trust = ca === undefined ? {} : { ca };
      const stream = tlsConnect({
        socket,
        ...trust,
        ...pair,
        rejectUnauthorized: verify,
        servername: /^[\d.:]+$/.test(name) ? '' : name,
      });
      stream.once('secureConnect', () => resolve(stream));
      stream.once('error', (error) => reject(new DockerClientError(`error during connect: tls: ${error.message}`)));
    });
  };

  const begin = async (method: string, path: string, headers: Record<string, string>) => {
    const socket = await connect(method, path);
    const request = httpRequest({
      method,
      path: `/v${DOCKER_API}${path}`,
      host: 'docker',
      headers: { connection: 'close', ...headers },
      createConnection: () => socket,
      signal: call.signal,
    });
    // Said of whatever goes wrong before the answer; after it, the answer's own stream tells.
    const failed = new Promise<never>((_, reject) => {
      request.once('error', (error) =>
        reject(new DockerClientError(`error during connect: ${method} "${address}${path}": ${error.message}`)),
      );
    });
    failed.catch(() => undefined);
    return { request, failed };
  };
  const finish = (request: ClientRequest, body: unknown): void => {
    if (body instanceof Readable) body.pipe(request);
    else request.end(body === undefined ? undefined : JSON.stringify(body));
  };
  const JSON_BODY = { 'content-type': 'application/json' };

  const stream: DockerClient['stream'] = async (method, path, body) => {
    const { request, failed } = await begin(method, path, body instanceof Readable ? {} : JSON_BODY);
    const answered = new Promise<IncomingMessage>((resolve) => request.once('response', resolve));
    finish(request, body);
    const response = await Promise.race([answered, failed]);
    response.once('close', () => request.destroy());
    return response;
  };

  return {
    address,
    stream,
    async send(method, path, body) {
      const response = await stream(method, path, body);
      return { status: response.statusCode ?? 0, body: await wholeBody(response) };
    },
    async hijack(path, body) {
      const headers = { ...JSON_BODY, connection: 'Upgrade', upgrade: 'tcp' };
      const text = body === undefined ? '' : JSON.stringify(body);
      const { request, failed } = await begin('POST', path, {
        ...headers,
        'content-length': String(Buffer.byteLength(text)),
      });
      const taken = new Promise<Duplex>((resolve, reject) => {
        request.once('upgrade', (_response, socket, head) => {
          socket.on('error', () => undefined); // its close tells
          if (head.length > 0) socket.unshift(head);
          resolve(socket);
        });
        request.once('response', (response) => {
          wholeBody(response).then((bytes) => reject(refusalOf(String(bytes))), reject);
        });
      });
      request.end(text);
      return Promise.race([taken, failed]);
    },
  };
}

async function wholeBody(response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > MAX_ANSWER_BYTES) throw new Error('the answer is too long');
      chunks.push(chunk);
    }
  } catch (error) {
    throw new DockerClientError(`error during connect: ${error instanceof Error ? error.message : String(error)}`);
  }
  return Buffer.concat(chunks);
}

const Failure = z.object({ message: z.string() });

/** What an engine says when it does not do something. */
export function refusalOf(text: string): DockerClientError {
  try {
    return new DockerClientError(`Error response from daemon: ${Failure.parse(JSON.parse(text)).message}`);
  } catch {
    // an answer of something that is no Docker engine, or of its TLS front
    return new DockerClientError(`Error response from daemon: ${text.trim()}`);
  }
}
