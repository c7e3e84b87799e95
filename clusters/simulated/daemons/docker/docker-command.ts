import type { Duplex } from 'node:stream';
import { z } from 'zod';
import type { Command, CommandCall, SimulatedHost } from '../../hosts/simulated-host.ts';
import type { Clock } from '../clock.ts';
import { lastOption, optionTable, parseLine, type OptionTable, type Options } from '../command-line.ts';
import { dockerClient, DockerClientError, type DockerClient } from './docker-client.ts';
import { DOCKER_API, DOCKER_VERSION } from './engine-api.ts';

const GLOBAL = optionTable(
  '-H --host=',
  '--tls',
  '--tlsverify',
  '--tlscacert=',
  '--tlscert=',
  '--tlskey=',
  '-v --version',
  '-D --debug',
  '-l --log-level=',
);
const LISTING = optionTable('-a --all', '-q --quiet', '--no-trunc');
const RUN = optionTable(
  '-d --detach',
  '-i --interactive',
  '-t --tty',
  '--rm',
  '--privileged',
  '-v --volume=',
  '--name=',
  '-u --user=',
  '--pid=',
  '--network=',
  '--net=',
  '--entrypoint=',
  '-e --env=',
);

const Version = z.object({ Version: z.string(), ApiVersion: z.string() });
const Info = z.object({
  Containers: z.number(),
  ContainersRunning: z.number(),
  ContainersStopped: z.number(),
  Images: z.number(),
  ServerVersion: z.string(),
  Name: z.string(),
  LoggingDriver: z.string(),
  DockerRootDir: z.string(),
  LiveRestoreEnabled: z.boolean(),
  SecurityOptions: z.array(z.string()),
});
const Containers = z.array(
  z.object({
    Id: z.string(),
    Names: z.array(z.string()),
    Image: z.string(),
    Command: z.string(),
    Created: z.number(),
    Status: z.string(),
  }),
);
const Images = z.array(
  z.object({ Id: z.string(), RepoTags: z.array(z.string()), Created: z.number(), Size: z.number() }),
);
const Created = z.object({ Id: z.string() });
const Waited = z.object({ StatusCode: z.number() });
const Failure = z.object({ message: z.string() });

interface Request {
  readonly call: CommandCall;
  readonly client: DockerClient;
  readonly options: Options;
  readonly words: readonly string[];
  readonly clock: Clock;
}

type Verb = {
  readonly table: OptionTable;
  readonly stopAtWord?: boolean;
  readonly run: (request: Request) => Promise<number>;
};

const VERBS: Readonly<Record<string, Verb>> = {
  ps: { table: LISTING, run: listContainers },
  images: { table: LISTING, run: listImages },
  info: { table: {}, run: showInfo },
  version: { table: {}, run: showVersion },
  inspect: { table: {}, run: inspect },
  logs: { table: {}, run: ({ client, call, words }) => showLogs(client, call, words[0] ?? '') },
  rm: { table: optionTable('-f --force'), run: remove },
  run: { table: RUN, stopAtWord: true, run: runContainer },
};

const NOT_SIMULATED = new Set(
  'attach build builder buildx commit compose config container context cp create diff events exec export history image import kill load login logout manifest network node pause plugin port pull push rename restart rmi save search secret service stack start stats stop swarm system tag top trust unpause update volume wait'.split(
    ' ',
  ),
);

/** `docker`: a few commands that really speak to an engine, the local one or one across the lab's network. */
export function dockerCommand(
  host: SimulatedHost,
  connectUnix: (path: string) => Duplex | undefined,
  clock: Clock,
): Command {
  return async (call) => {
    const global = parseLine(call.args, GLOBAL, { stopAtWord: true });
    if (global.outcome === 'wrong')
      return complain(call, `unknown flag: ${global.argument}\nSee 'docker --help'.`, 125);
    if (global.options.has('version')) {
      await call.stdout(`Docker version ${DOCKER_VERSION}, build breachlab\n`);
      return 0;
    }
    const [name = '', ...args] = global.words;
    const verb = VERBS[name];
    if (verb === undefined) {
      const refusal =
        name === '' || NOT_SIMULATED.has(name)
          ? `not simulated: docker ${name}; there are ${Object.keys(VERBS).join(', ')}`
          : `docker: '${name}' is not a docker command.\nSee 'docker --help'`;
      return complain(call, refusal, 1);
    }
    const line = parseLine(args, verb.table, { stopAtWord: verb.stopAtWord === true });
    if (line.outcome === 'wrong') return complain(call, `not simulated: docker ${name} ${line.argument}`, 125);
    const client = dockerClient(host, call, global.options, connectUnix);
    try {
      return await verb.run({ call, client, options: line.options, words: line.words, clock });
    } catch (error) {
      if (error instanceof DockerClientError) return complain(call, error.message, name === 'run' ? 125 : 1);
      throw error;
    }
  };
}

async function complain(call: CommandCall, text: string, code: number): Promise<number> {
  await call.stderr(`${text}\n`);
  return code;
}

async function ask<T>(
  client: DockerClient,
  schema: z.ZodType<T>,
  method: string,
  path: string,
  body?: unknown,
): Promise<T> {
  const answer = await client.send(method, path, body);
  const text = answer.body.toString('utf8');
  if (answer.status >= 300) throw new DockerClientError(`Error response from daemon: ${failureText(text)}`);
  return schema.parse(text === '' ? undefined : JSON.parse(text));
}

function failureText(text: string): string {
  try {
    return Failure.parse(JSON.parse(text)).message;
  } catch {
    return text.trim(); // an answer of something that is no Docker engine, or of its TLS front
  }
}

async function listContainers({ call, client, options, clock }: Request): Promise<number> {
  const rows = await ask(client, Containers, 'GET', `/containers/json?all=${options.has('all') ? 1 : 0}`);
  const short = (id: string) => (options.has('no-trunc') ? id : id.slice(0, 12));
  if (options.has('quiet')) {
    await call.stdout(rows.map(({ Id }) => `${short(Id)}\n`).join(''));
    return 0;
  }
  const table = rows.map((row) => [
    short(row.Id),
    row.Image,
    JSON.stringify(options.has('no-trunc') || row.Command.length <= 20 ? row.Command : `${row.Command.slice(0, 19)}…`),
    `${ago(row.Created, clock)} ago`,
    row.Status === 'Up' ? `Up ${ago(row.Created, clock)}` : row.Status,
    '',
    row.Names.map((name) => name.replace(/^\//, '')).join(','),
  ]);
  await call.stdout(columns([['CONTAINER ID', 'IMAGE', 'COMMAND', 'CREATED', 'STATUS', 'PORTS', 'NAMES'], ...table]));
  return 0;
}

async function listImages({ call, client, options, clock }: Request): Promise<number> {
  const rows = await ask(client, Images, 'GET', '/images/json');
  const short = (id: string) => (options.has('no-trunc') ? id : id.replace('sha256:', '').slice(0, 12));
  if (options.has('quiet')) {
    await call.stdout(rows.map(({ Id }) => `${short(Id)}\n`).join(''));
    return 0;
  }
  const table = rows.flatMap((row) =>
    row.RepoTags.map((reference) => {
      const colon = reference.lastIndexOf(':');
      return [
        reference.slice(0, colon),
        reference.slice(colon + 1),
        short(row.Id),
        `${ago(row.Created, clock)} ago`,
        megabytes(row.Size),
      ];
    }),
  );
  await call.stdout(columns([['REPOSITORY', 'TAG', 'IMAGE ID', 'CREATED', 'SIZE'], ...table]));
  return 0;
}

async function showInfo({ call, client }: Request): Promise<number> {
  const info = await ask(client, Info, 'GET', '/info');
  const lines = [
    'Client: Docker Engine - Community',
    ` Version:    ${DOCKER_VERSION}`,
    '',
    'Server:',
    ` Containers: ${info.Containers}`,
    `  Running: ${info.ContainersRunning}`,
    `  Stopped: ${info.ContainersStopped}`,
    ` Images: ${info.Images}`,
    ` Server Version: ${info.ServerVersion}`,
    ` Logging Driver: ${info.LoggingDriver}`,
    ' Security Options:',
    ...info.SecurityOptions.map((option) => `  ${option.replace(/^name=([^,]+).*$/, '$1')}`),
    ` Name: ${info.Name}`,
    ` Docker Root Dir: ${info.DockerRootDir}`,
    ` Live Restore Enabled: ${info.LiveRestoreEnabled}`,
  ];
  await call.stdout(`${lines.join('\n')}\n`);
  return 0;
}

async function showVersion({ call, client }: Request): Promise<number> {
  await call.stdout(
    `Client: Docker Engine - Community\n Version:           ${DOCKER_VERSION}\n API version:       ${DOCKER_API}\n`,
  );
  const version = await ask(client, Version, 'GET', '/version');
  await call.stdout(
    `\nServer: Docker Engine - Community\n Engine:\n  Version:          ${version.Version}\n  API version:      ${version.ApiVersion}\n`,
  );
  return 0;
}

async function inspect({ call, client, words }: Request): Promise<number> {
  const found = await Promise.all(
    words.map((word) => ask(client, z.unknown(), 'GET', `/containers/${encodeURIComponent(word)}/json`)),
  );
  await call.stdout(`${JSON.stringify(found, undefined, 4)}\n`);
  return 0;
}

async function remove({ call, client, options, words }: Request): Promise<number> {
  for (const word of words) {
    await ask(
      client,
      z.unknown(),
      'DELETE',
      `/containers/${encodeURIComponent(word)}?force=${options.has('force') ? 1 : 0}`,
    );
    await call.stdout(`${word}\n`);
  }
  return 0;
}

async function runContainer({ call, client, options, words }: Request): Promise<number> {
  const [image, ...command] = words;
  if (image === undefined)
    return complain(call, `"docker run" requires at least 1 argument.\nSee 'docker run --help'.`, 1);
  const name = lastOption(options, 'name');
  const entrypoint = lastOption(options, 'entrypoint');
  const created = await ask(
    client,
    Created,
    'POST',
    `/containers/create${name === undefined ? '' : `?name=${encodeURIComponent(name)}`}`,
    {
      Image: image,
      Cmd: command,
      ...(entrypoint === undefined ? {} : { Entrypoint: [entrypoint] }),
      HostConfig: { Binds: options.get('volume') ?? [], Privileged: options.has('privileged') },
    },
  );
  await ask(client, z.unknown(), 'POST', `/containers/${created.Id}/start`);
  if (options.has('detach')) {
    await call.stdout(`${created.Id}\n`);
    return 0;
  }
  const waited = await ask(client, Waited, 'POST', `/containers/${created.Id}/wait`);
  await showLogs(client, call, created.Id);
  if (options.has('rm')) await ask(client, z.unknown(), 'DELETE', `/containers/${created.Id}`);
  return waited.StatusCode;
}

async function showLogs(client: DockerClient, call: CommandCall, reference: string): Promise<number> {
  const { status, body } = await client.send(
    'GET',
    `/containers/${encodeURIComponent(reference)}/logs?stdout=1&stderr=1`,
  );
  if (status >= 300) throw new DockerClientError(`Error response from daemon: ${failureText(body.toString('utf8'))}`);
  for (let at = 0; at + 8 <= body.length;) {
    const end = at + 8 + body.readUInt32BE(at + 4);
    await (body[at] === 2 ? call.stderr(body.subarray(at + 8, end)) : call.stdout(body.subarray(at + 8, end)));
    at = end;
  }
  return 0;
}

/** Docker's tables: columns three blanks apart. */
function columns(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, i) => cell.padEnd(widths[i] ?? 0))
          .join('   ')
          .trimEnd()}\n`,
    )
    .join('');
}

function ago(epochSeconds: number, clock: Clock): string {
  const seconds = Math.max(0, Math.floor(clock.now().getTime() / 1000 - epochSeconds));
  for (const [size, unit] of [
    [86_400, 'day'],
    [3600, 'hour'],
    [60, 'minute'],
  ] as const) {
    if (seconds >= size) return `${Math.floor(seconds / size)} ${unit}${seconds >= 2 * size ? 's' : ''}`;
  }
  return `${seconds} seconds`;
}

function megabytes(bytes: number): string {
  return bytes >= 1e9 ? `${(bytes / 1e9).toFixed(2)}GB` : `${(bytes / 1e6).toPrecision(3)}MB`;
}
