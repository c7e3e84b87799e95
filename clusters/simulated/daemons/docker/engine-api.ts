import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { z } from 'zod';
import { answer, answerJson, readBody } from '../http-body.ts';
import { imageId, type Engine, type EngineRefusal, type StoredContainer } from './engine.ts';

/** What Debian's and Docker's own packages ship these days; the API version goes with it. */
export const DOCKER_VERSION = '26.1.5';
export const DOCKER_API = '1.45';

const CreateBody = z.object({
  Image: z.string(),
  Cmd: z.array(z.string()).nullish(),
  Entrypoint: z.array(z.string()).nullish(),
  HostConfig: z.object({ Binds: z.array(z.string()).nullish(), Privileged: z.boolean().nullish() }).nullish(),
});

interface Exchange {
  readonly engine: Engine;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly host: string;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly query: URLSearchParams;
}

type Route = (exchange: Exchange, reference: string) => void | Promise<void>;

const ROUTES: readonly { readonly match: RegExp; readonly run: Route }[] = [
  { match: /^(?:GET|HEAD) \/_ping$/, run: ({ response }) => answer(response, 200, 'OK') },
  { match: /^GET \/version$/, run: version },
  { match: /^GET \/info$/, run: info },
  { match: /^GET \/images\/json$/, run: listImages },
  { match: /^GET \/containers\/json$/, run: listContainers },
  { match: /^POST \/containers\/create$/, run: createContainer },
  { match: /^GET \/containers\/([^/]+)\/json$/, run: withContainer(inspectContainer) },
  { match: /^POST \/containers\/([^/]+)\/start$/, run: withContainer(startContainer) },
  {
    match: /^POST \/containers\/([^/]+)\/wait$/,
    run: withContainer(({ response }, { exitCode }) => answerJson(response, 200, { StatusCode: exitCode })),
  },
  { match: /^GET \/containers\/([^/]+)\/logs$/, run: withContainer(containerLogs) },
  { match: /^DELETE \/containers\/([^/]+)$/, run: withContainer(removeContainer) },
];

/** The Docker Engine API (docs.docker.com/reference/api/engine), v1.45, as far as an attack and its repair go; 501 says what is missing. */
export function engineApi(engine: Engine, settings: Readonly<Record<string, unknown>>, host: string): RequestListener {
  return (request, response) => {
    const url = new URL(request.url ?? '/', 'http://docker');
    const path = url.pathname.replace(/^\/v1\.\d+(?=\/)/, '');
    const line = `${request.method} ${path}`;
    response.setHeader('api-version', DOCKER_API);
    response.setHeader('server', `Docker/${DOCKER_VERSION} (linux)`);
    const route = ROUTES.find(({ match }) => match.test(line));
    const serve = async () => {
      if (route === undefined) return answerJson(response, 501, { message: `not simulated: ${line.slice(0, 200)}` });
      const exchange = { engine, settings, host, request, response, query: url.searchParams };
      return route.run(exchange, decodeURIComponent(route.match.exec(line)?.[1] ?? ''));
    };
    serve().catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else answerJson(response, 500, { message: error instanceof Error ? error.message : String(error) });
    });
  };
}

function withContainer(run: (exchange: Exchange, container: StoredContainer) => void | Promise<void>): Route {
  return (exchange, reference) => {
    const container = exchange.engine.find(reference);
    if (container === undefined)
      return answerJson(exchange.response, 404, { message: `No such container: ${reference}` });
    return run(exchange, container);
  };
}

function version({ response }: Exchange): void {
  const details = { ApiVersion: DOCKER_API, MinAPIVersion: '1.24', Os: 'linux', Arch: 'amd64' };
  answerJson(response, 200, {
    Platform: { Name: 'Docker Engine - Community' },
    Components: [{ Name: 'Engine', Version: DOCKER_VERSION, Details: details }],
    Version: DOCKER_VERSION,
    ...details,
  });
}

function info({ engine, settings, host, response }: Exchange): void {
  const containers = engine.containers();
  const count = (state: string) => containers.filter((container) => container.state === state).length;
  const userns = typeof settings['userns-remap'] === 'string' && settings['userns-remap'] !== '';
  answerJson(response, 200, {
    Containers: containers.length,
    ContainersRunning: count('running'),
    ContainersPaused: 0,
    ContainersStopped: count('exited') + count('created'),
    Images: engine.images.length,
    Name: host,
    ServerVersion: DOCKER_VERSION,
    OSType: 'linux',
    DockerRootDir: settings['data-root'] ?? '/var/lib/docker',
    LoggingDriver: settings['log-driver'] ?? 'json-file',
    LiveRestoreEnabled: settings['live-restore'] === true,
    SecurityOptions: [
      'name=seccomp,profile=builtin',
      ...(userns ? ['name=userns'] : []),
      ...(settings['no-new-privileges'] === true ? ['name=no-new-privileges'] : []),
    ],
  });
}

function listImages({ engine, response }: Exchange): void {
  const rows = engine.images.map((image) => ({
    Id: imageId(image),
    RepoTags: [image.reference],
    Created: Math.floor(image.created.getTime() / 1000),
    Size: image.bytes,
  }));
  answerJson(response, 200, rows);
}

function listContainers({ engine, response, query }: Exchange): void {
  const all = ['1', 'true'].includes(query.get('all') ?? '');
  const rows = engine
    .containers()
    .filter(({ state }) => all || state === 'running')
    .map((container) => ({
      Id: container.id,
      Names: [`/${container.name}`],
      Image: container.image,
      Command: container.argv.join(' '),
      Created: Math.floor(container.created.getTime() / 1000),
      State: container.state,
      Status: statusText(container),
    }));
  answerJson(response, 200, rows);
}

function statusText({ state, exitCode }: StoredContainer): string {
  return { created: 'Created', running: 'Up', exited: `Exited (${exitCode})` }[state];
}

function inspectContainer({ response }: Exchange, container: StoredContainer): void {
  answerJson(response, 200, {
    Id: container.id,
    Name: `/${container.name}`,
    Created: container.created.toISOString(),
    Path: container.argv[0] ?? '',
    Args: container.argv.slice(1),
    State: { Status: container.state, Running: container.state === 'running', ExitCode: container.exitCode },
    Config: { Image: container.image, Cmd: container.argv },
    HostConfig: { Binds: container.binds, Privileged: container.privileged },
  });
}

async function createContainer({ engine, request, response, query }: Exchange): Promise<void> {
  const text = await readBody(request);
  const body = CreateBody.safeParse(parsed(text));
  if (!body.success)
    return answerJson(response, 400, { message: 'invalid JSON: the body is no container configuration' });
  const { Image, Cmd, Entrypoint, HostConfig } = body.data;
  const made = engine.create({
    name: query.get('name') ?? undefined,
    image: Image,
    argv: [...(Entrypoint ?? []), ...(Cmd ?? [])],
    privileged: HostConfig?.Privileged ?? false,
    binds: HostConfig?.Binds ?? [],
  });
  return 'message' in made ? refuse(response, made) : answerJson(response, 201, { Id: made.id, Warnings: [] });
}

async function startContainer({ engine, response }: Exchange, container: StoredContainer): Promise<void> {
  const started = await engine.start(container, AbortSignal.timeout(30_000));
  if ('message' in started) return refuse(response, started);
  response.writeHead(204).end();
  return undefined;
}

/** Frames of the multiplexed stream: kind, three zeros, length, bytes. */
function containerLogs({ response, query }: Exchange, container: StoredContainer): void {
  const frame = (kind: number, bytes: Buffer) => {
    const head = Buffer.alloc(8);
    head[0] = kind;
    head.writeUInt32BE(bytes.length, 4);
    return bytes.length === 0 ? Buffer.alloc(0) : Buffer.concat([head, bytes]);
  };
  const wants = (name: string) => ['1', 'true'].includes(query.get(name) ?? '');
  response.writeHead(200, { 'content-type': 'application/vnd.docker.multiplexed-stream' });
  response.end(
    Buffer.concat([
      wants('stdout') ? frame(1, container.output) : Buffer.alloc(0),
      wants('stderr') ? frame(2, container.errors) : Buffer.alloc(0),
    ]),
  );
}

function removeContainer({ engine, response, query }: Exchange, container: StoredContainer): void {
  if (container.state === 'running' && !['1', 'true'].includes(query.get('force') ?? '')) {
    const message = `cannot remove container "/${container.name}": container is running: stop the container before removing or force remove`;
    return answerJson(response, 409, { message });
  }
  engine.remove(container);
  response.writeHead(204).end();
  return undefined;
}

function refuse(response: ServerResponse, { status, message }: EngineRefusal): void {
  answerJson(response, status, { message });
}

function parsed(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined; // zod then says that it does not fit
  }
}
