import { posix } from 'node:path';
import type { PathStat } from '../api/archive.ts';
import { DockerClientError, refusalOf } from './docker-client.ts';
import { ask, type DockerRequest, part } from './verb.ts';
import { z } from 'zod';

const GO_FOLDER = 0x80000000;

/** `docker cp`, as quiet as with `-q`: through tar on both sides. Names of what is copied follow cp's rules. */
export async function copy(request: DockerRequest): Promise<number> {
  const [source = '', destination = ''] = request.words;
  const [from, to] = [placeOf(source), placeOf(destination)];
  if (from.container !== undefined && to.container !== undefined)
    throw new DockerClientError('copying between containers is not supported');
  if (from.container !== undefined) return copyOut(request, from.container, from.path, to.path);
  if (to.container !== undefined) return copyIn(request, to.container, from.path, to.path);
  throw new DockerClientError('must specify at least one container source');
}

function placeOf(text: string): { readonly container: string | undefined; readonly path: string } {
  const [, container, path] = /^([^/.:][^/:]*):(.*)$/.exec(text) ?? [];
  return container === undefined ? { container: undefined, path: text } : { container, path: path ?? '' };
}

/** The name that a copy has: within a folder its own, else that of the destination. */
const renamed = (name: string, target: string): string[] =>
  name === target ? [] : ['--transform', `s,^${quoted(name)},${quoted(target)},`];

const quoted = (name: string): string => name.replaceAll(/[,\\.*^$[\]&]/g, String.raw`\$&`);

async function copyOut(
  { host, call, user, client }: DockerRequest,
  container: string,
  path: string,
  to: string,
): Promise<number> {
  const answer = await client.stream('GET', `/containers/${part(container)}/archive?path=${part(path)}`);
  if ((answer.statusCode ?? 0) >= 400) {
    let text = '';
    for await (const chunk of answer as AsyncIterable<Buffer>) text += String(chunk);
    throw refusalOf(text);
  }
  if (to === '-') {
    for await (const chunk of answer as AsyncIterable<Buffer>) await call.stdout(chunk);
    return 0;
  }
  const target = posix.resolve(call.cwd, to);
  const isFolder = (await host.listFolder(target)) !== undefined;
  const folder = isFolder ? target : posix.dirname(target);
  if (!isFolder && (await host.listFolder(folder)) === undefined)
    throw new DockerClientError(`invalid output path: directory "${folder}" does not exist`);
  const name = posix.basename(posix.resolve('/', path)) || '.';
  const argv = ['tar', '-x', '-f', '-', '-C', folder, ...(isFolder ? [] : renamed(name, posix.basename(target)))];
  const tar = await host.spawn(argv, { ...(user === undefined ? {} : { user }), signal: call.signal });
  tar.stdin.on('error', () => undefined); // it has ended, and its status tells
  answer.pipe(tar.stdin);
  tar.stderr.on('data', (bytes: Buffer) => void call.stderr(bytes).catch(() => undefined));
  if ((await tar.exited) !== 0) return 1;
  return 0;
}

async function copyIn(
  { host, call, user, client }: DockerRequest,
  container: string,
  from: string,
  to: string,
): Promise<number> {
  const source = posix.resolve(call.cwd, from);
  const base = `/containers/${part(container)}/archive?path=`;
  const stat = await client.stream('HEAD', `${base}${part(to)}`);
  stat.resume();
  if (stat.statusCode !== 200 && stat.statusCode !== 404) await ask(client, z.unknown(), 'GET', `${base}${part(to)}`); // which says why not
  const header = stat.headers['x-docker-container-path-stat'];
  const found =
    typeof header === 'string' ? (JSON.parse(Buffer.from(header, 'base64').toString('utf8')) as PathStat) : undefined;
  const isFolder = found !== undefined && found.mode >= GO_FOLDER;
  const folder = isFolder ? to : posix.dirname(posix.resolve('/', to));
  const name = posix.basename(source) || '.';
  const own = isFolder ? name : posix.basename(posix.resolve('/', to));
  const argv = ['tar', '-c', '-f', '-', '-C', posix.dirname(source), ...renamed(name, own), name];
  const tar = await host.spawn(argv, { ...(user === undefined ? {} : { user }), signal: call.signal });
  tar.stdin.end();
  let complaint = '';
  tar.stderr.on('data', (bytes: Buffer) => (complaint = `${complaint}${String(bytes)}`.slice(0, 1000)));
  const answer = await client.stream('PUT', `${base}${part(folder)}`, tar.stdout);
  let text = '';
  for await (const chunk of answer as AsyncIterable<Buffer>) text += String(chunk);
  if ((await tar.exited) !== 0)
    throw new DockerClientError(
      /No such file/.test(complaint) ? `lstat ${source}: no such file or directory` : complaint.trim(),
    );
  if ((answer.statusCode ?? 0) >= 400) throw refusalOf(text);
  return 0;
}
