import type { IncomingMessage, RequestListener } from 'node:http';
import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Clock } from '../../../clock.ts';
import { answer, answerJson } from '../../http-body.ts';
import { withoutVersion } from './api-version.ts';
import type { Engine } from '../engine.ts';
import { EngineRefusal } from '../refusal.ts';
import { DOCKER_API, DOCKER_VERSION } from '../versions.ts';
import { readArchive, statArchive, writeArchive } from './archive.ts';
import { build } from './build.ts';
import { commitContainer, containerChanges } from './changes.ts';
import {
  attachToContainer,
  containerLogs,
  createContainer,
  inspectContainer,
  killContainer,
  listContainers,
  removeContainer,
  renameContainer,
  resizeContainer,
  restartContainer,
  startContainer,
  stopContainer,
  waitForContainer,
} from './containers.ts';
import type { Answer, Exchange, Handler } from './exchange.ts';
import { createExec, inspectExec, resizeExec, startExec } from './exec.ts';
import { deleteImage, imageHistory, inspectImage, listImages, pruneImages, pullImage, tagImage } from './images.ts';
import { containerProcesses } from './processes.ts';
import { diskUsage, info, inspectNetwork, listNetworks, version } from './system.ts';
import { createVolume, inspectVolume, listVolumes, removeVolume } from './volumes.ts';

/** What is asked of an engine, and who answers; a name in the path may hold slashes only where an image's does. */
function routesOf(clock: Clock): readonly (readonly [method: string, path: string, handler: Handler])[] {
  return [
    ['GET', '/version', version],
    ['GET', '/info', info],
    ['GET', '/system/df', diskUsage],
    ['GET', '/networks', listNetworks],
    ['GET', '/networks/:', inspectNetwork],
    ['GET', '/volumes', listVolumes],
    ['POST', '/volumes/create', createVolume],
    ['GET', '/volumes/:', inspectVolume],
    ['DELETE', '/volumes/:', removeVolume],
    ['GET', '/images/json', listImages],
    ['POST', '/images/create', pullImage],
    ['POST', '/build', (exchange) => build(exchange, clock.now())],
    ['POST', '/images/prune', pruneImages],
    ['POST', '/images/*/tag', tagImage],
    ['GET', '/images/*/json', inspectImage],
    ['GET', '/images/*/history', imageHistory],
    ['DELETE', '/images/*', deleteImage],
    ['GET', '/containers/json', (exchange) => listContainers(exchange, clock)],
    ['POST', '/containers/create', createContainer],
    ['GET', '/containers/:/json', inspectContainer],
    ['POST', '/containers/:/start', startContainer],
    ['POST', '/containers/:/stop', stopContainer],
    ['POST', '/containers/:/restart', restartContainer],
    ['POST', '/containers/:/kill', killContainer],
    ['POST', '/containers/:/rename', renameContainer],
    ['POST', '/containers/:/wait', waitForContainer],
    ['GET', '/containers/:/changes', containerChanges],
    ['GET', '/containers/:/top', containerProcesses],
    ['POST', '/commit', (exchange) => commitContainer(exchange, clock.now())],
    ['POST', '/containers/:/attach', attachToContainer],
    ['POST', '/containers/:/resize', resizeContainer],
    ['GET', '/containers/:/logs', containerLogs],
    ['HEAD', '/containers/:/archive', statArchive],
    ['GET', '/containers/:/archive', readArchive],
    ['PUT', '/containers/:/archive', writeArchive],
    ['DELETE', '/containers/:', removeContainer],
    ['POST', '/containers/:/exec', createExec],
    ['POST', '/exec/:/start', startExec],
    ['POST', '/exec/:/resize', resizeExec],
    ['GET', '/exec/:/json', inspectExec],
  ];
}

/** What the API has besides; the rest of a path's words nobody answers (docs.docker.com/reference/api/engine). */
const NOT_SIMULATED =
  /^(?:GET|POST|PUT|DELETE|HEAD) \/(?:auth|build\/prune|configs|distribution|events|networks|nodes|plugins|secrets|services|session|swarm|tasks|volumes\/prune|images\/(?:get|load|search|.+\/(?:get|push))|containers\/(?:prune|[^/]+\/(?:attach\/ws|export|pause|stats|unpause|update)))(?:\/|$)/;

function unanswered(line: string): EngineRefusal {
  if (NOT_SIMULATED.test(line)) return new EngineRefusal(501, `not simulated: ${line.slice(0, 200)}`);
  return new EngineRefusal(404, 'page not found');
}

/** Heads of the answer by which clients find out what they talk to. */
const PING = {
  'builder-version': '1',
  'cache-control': 'no-cache, no-store, must-revalidate',
  'docker-experimental': 'false',
  ostype: 'linux',
  pragma: 'no-cache',
  swarm: 'inactive',
};

export interface EngineApi {
  readonly listener: RequestListener;
  /** For requests that ask for the connection itself, as docker's client does for attach and exec. */
  readonly upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
}

/** The Docker Engine API (docs.docker.com/reference/api/engine), v1.45; 501 says what is missing. */
export function engineApi(engine: Engine, host: string, clock: Clock): EngineApi {
  const routes = routesOf(clock).map(([method, path, handler]) => ({
    match: new RegExp(`^${method} ${path.replaceAll('*', '(.+)').replaceAll(':', '([^/]+)')}$`),
    handler,
  }));

  /** Answers, or returns the answer that somebody else has to write. */
  const serve = async (request: IncomingMessage, to: Exchange['to']): Promise<Answer | undefined> => {
    const url = new URL(request.url ?? '/', 'http://docker');
    const line = `${request.method} ${withoutVersion(url.pathname)}`;
    const route = routes.find(({ match }) => match.test(line));
    if (route === undefined) throw unanswered(line);
    const gone = new AbortController();
    const connection = 'socket' in to ? to.socket : to.response;
    connection.once('close', () => gone.abort(new Error('the client is gone')));
    const name = decoded(route.match.exec(line)?.[1] ?? '');
    return route.handler({ engine, host, request, query: url.searchParams, name, gone: gone.signal, to });
  };
  const failure = (error: unknown): Answer => ({
    status: error instanceof EngineRefusal ? error.status : 500,
    body: { message: error instanceof Error ? error.message : String(error) },
  });

  return {
    listener(request, response) {
      response.setHeader('api-version', DOCKER_API);
      response.setHeader('server', `Docker/${DOCKER_VERSION} (linux)`);
      if (/^\/(?:v1\.\d+\/)?_ping$/.test(request.url ?? '')) {
        for (const [name, value] of Object.entries(PING)) response.setHeader(name, value);
        return answer(response, 200, request.method === 'HEAD' ? '' : 'OK');
      }
      const write = (given: Answer | undefined): void => {
        if (given === undefined) return;
        if (response.headersSent) response.destroy();
        else if (given.body === undefined) response.writeHead(given.status).end();
        else answerJson(response, given.status, given.body);
      };
      serve(request, { response }).then(write, (error: unknown) => write(failure(error)));
      return undefined;
    },
    upgrade(request, socket, head) {
      socket.on('error', () => socket.destroy());
      if (head.length > 0) socket.unshift(head);
      const write = (given: Answer | undefined): void => {
        if (given === undefined) return;
        const text = given.body === undefined ? '' : `${JSON.stringify(given.body)}\n`;
        socket.end(
          `HTTP/1.1 ${given.status} ${STATUS_CODES[given.status] ?? ''}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(text)}\r\nConnection: close\r\n\r\n${text}`,
        );
      };
      serve(request, { socket }).then(write, (error: unknown) => write(failure(error)));
    },
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // then nothing has that name
  }
}
