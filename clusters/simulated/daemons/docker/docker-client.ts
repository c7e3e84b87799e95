import { request as httpRequest } from 'node:http';
import type { Duplex } from 'node:stream';
import { connect as tlsConnect } from 'node:tls';
import type { CommandCall, SimulatedHost } from '../../hosts/simulated-host.ts';
import { lastOption, type Options } from '../command-line.ts';
import { readHostText } from '../host-text.ts';
import { socketPath } from './daemon-config.ts';
import { DOCKER_API } from './engine-api.ts';

export interface DockerClient {
  /** Speaks to the engine; rejects with `DockerClientError` in docker's own words. */
  send(method: string, path: string, body?: unknown): Promise<{ readonly status: number; readonly body: Buffer }>;
}

/** What docker prints before it exits with 1. */
export class DockerClientError extends Error {
  override readonly name = 'DockerClientError';
}

const MAX_ANSWER_BYTES = 4 * 1024 * 1024;

/**
 * Finds the engine as the docker command does (`-H`, DOCKER_HOST, DOCKER_TLS_VERIFY, DOCKER_CERT_PATH) and reaches it over the calling
 * host's own network. `connectUnix` leads to an engine on the same host.
 */
export function dockerClient(
  host: SimulatedHost,
  call: CommandCall,
  options: Options,
  connectUnix: (path: string) => Duplex | undefined,
): DockerClient {
  const address = lastOption(options, 'host') ?? call.env['DOCKER_HOST'] ?? 'unix:///var/run/docker.sock';
  const unreachable = new DockerClientError(
    `Cannot connect to the Docker daemon at ${address}. Is the docker daemon running?`,
  );
  const verify = options.has('tlsverify') || (call.env['DOCKER_TLS_VERIFY'] ?? '') !== '';

  const connect = async (): Promise<Duplex> => {
    const unix = /^unix:\/\/(.*)$/.exec(address)?.[1];
    if (unix !== undefined) {
      const socket = connectUnix(socketPath(unix));
      if (socket === undefined) throw unreachable;
      return socket;
    }
    const [, v6, name = '', port] = /^(?:tcp:\/\/)?(?:\[(.+)\]|([^:/]+))(?::(\d+))?\/?$/.exec(address) ?? [];
    const tls = verify || options.has('tls');
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

  const secured = async (socket: Duplex, name: string): Promise<Duplex> => {
    const folder = call.env['DOCKER_CERT_PATH'] ?? '/root/.docker';
    const file = (option: string, usual: string) =>
      readHostText(host, lastOption(options, option) ?? `${folder}/${usual}`);
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

  return {
    async send(method, path, body) {
      const socket = await connect();
      return new Promise((resolve, reject) => {
        const failed = (error: Error) =>
          reject(new DockerClientError(`error during connect: ${method} "${address}${path}": ${error.message}`));
        const request = httpRequest({
          method,
          path: `/v${DOCKER_API}${path}`,
          host: 'docker',
          headers: { 'content-type': 'application/json', connection: 'close' },
          createConnection: () => socket,
          signal: call.signal,
        });
        request.once('error', failed);
        request.once('response', (response) => {
          const chunks: Buffer[] = [];
          let size = 0;
          response.on('data', (chunk: Buffer) => {
            size += chunk.length;
            if (size > MAX_ANSWER_BYTES) response.destroy(new Error('the answer is too long'));
            else chunks.push(chunk);
          });
          response.once('error', failed);
          response.once('end', () => {
            socket.destroy();
            resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks) });
          });
        });
        request.end(body === undefined ? undefined : JSON.stringify(body));
      });
    },
  };
}
