import { z } from 'zod';
import type { CommandCall } from '../../hosts/simulated-host.ts';
import type { Clock } from '../../clock.ts';
import { lastOption, type Options } from '../command-line.ts';
import { DockerClientError, type DockerClient } from './docker-client.ts';
import { humanDuration } from '../human-duration.ts';
import { textTable } from '../text-table.ts';
import { megabytes } from './megabytes.ts';
import { DOCKER_API, DOCKER_VERSION } from './engine-api.ts';

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

/** One call of a docker command; each verb below returns its exit status. */
export interface DockerRequest {
  readonly call: CommandCall;
  readonly client: DockerClient;
  readonly options: Options;
  readonly words: readonly string[];
  readonly clock: Clock;
}

export async function complain(call: CommandCall, text: string, code: number): Promise<number> {
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

export async function listContainers({ call, client, options, clock }: DockerRequest): Promise<number> {
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
    `${humanDuration(clock.now() - row.Created * 1000)} ago`,
    row.Status === 'Up' ? `Up ${humanDuration(clock.now() - row.Created * 1000)}` : row.Status,
    '',
    row.Names.map((name) => name.replace(/^\//, '')).join(','),
  ]);
  await call.stdout(
    textTable([['CONTAINER ID', 'IMAGE', 'COMMAND', 'CREATED', 'STATUS', 'PORTS', 'NAMES'], ...table], 3),
  );
  return 0;
}

export async function listImages({ call, client, options, clock }: DockerRequest): Promise<number> {
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
        `${humanDuration(clock.now() - row.Created * 1000)} ago`,
        megabytes(row.Size),
      ];
    }),
  );
  await call.stdout(textTable([['REPOSITORY', 'TAG', 'IMAGE ID', 'CREATED', 'SIZE'], ...table], 3));
  return 0;
}

export async function showInfo({ call, client }: DockerRequest): Promise<number> {
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

export async function showVersion({ call, client }: DockerRequest): Promise<number> {
  await call.stdout(
    `Client: Docker Engine - Community\n Version:           ${DOCKER_VERSION}\n API version:       ${DOCKER_API}\n`,
  );
  const version = await ask(client, Version, 'GET', '/version');
  await call.stdout(
    `\nServer: Docker Engine - Community\n Engine:\n  Version:          ${version.Version}\n  API version:      ${version.ApiVersion}\n`,
  );
  return 0;
}

export async function inspect({ call, client, words }: DockerRequest): Promise<number> {
  const found = await Promise.all(
    words.map((word) => ask(client, z.unknown(), 'GET', `/containers/${encodeURIComponent(word)}/json`)),
  );
  await call.stdout(`${JSON.stringify(found, undefined, 4)}\n`);
  return 0;
}

export async function remove({ call, client, options, words }: DockerRequest): Promise<number> {
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

export async function runContainer({ call, client, options, words }: DockerRequest): Promise<number> {
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

export async function showLogs(client: DockerClient, call: CommandCall, reference: string): Promise<number> {
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
