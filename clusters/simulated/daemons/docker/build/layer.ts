import type { TemplateEntry } from '../../../hosts/template-entry.ts';
import type { ContainerProcess, ExecStreams } from '../../../pods/sandbox.ts';
import { EngineRefusal } from '../refusal.ts';
import { plain, readTar } from './read-tar.ts';

/** What a built image has over the image that it began with. */
export interface Layer {
  readonly files: readonly TemplateEntry[];
  /** Paths of its beginning that are gone. */
  readonly gone: ReadonlySet<string>;
}

/** What a learner may have a server keep of one image. */
const MAX_LAYER_BYTES = 8 * 2 ** 20;
const MAX_ENTRIES = 2000;
const MAX_LISTING_BYTES = 2 ** 20;

/** What each container is given anew, and where a build keeps what it copies from. */
export const CONTEXT = '/.build';
const NOT_OF_IMAGE = /^\/(?:\.build[^/]*|\.dockerenv|dev|proc|sys|etc\/(?:hosts|hostname|resolv\.conf))(?:\/|$)/;

/** Of the builder's own programs. */
export const ENV = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' };

const PROGRAM = /^\/(?:usr\/)?(?:local\/)?s?bin\//;

/** A root's files by path, each with all that changes when it does: mode, owner, size and times in seconds. */
export interface RootListing {
  readonly lines: ReadonlyMap<string, string>;
  /** Seconds since 1970 of the machine's clock, a little before it was made. */
  readonly at: number;
}

export async function listRoot(process: ContainerProcess, signal: AbortSignal): Promise<RootListing> {
  const at = Math.floor(Date.now() / 1000) - 1;
  const argv = ['find', '/', '-xdev', '-exec', 'stat', '-c', '%f|%u|%g|%s|%Y|%Z|%n', '{}', '+'];
  const text = await outputOf(await process.exec(argv, ENV, '/', signal), MAX_LISTING_BYTES, 'files');
  const lines = new Map<string, string>();
  for (const [, facts = '', path = ''] of String(text).matchAll(/^((?:[0-9a-f]+\|){6})(\/.*)$/gm))
    if (!NOT_OF_IMAGE.test(path)) lines.set(path, facts);
  return { lines, at };
}

/** The layer that a container's root has become since a listing was made of it. Also tells of files that have another owner than root. */
export async function layerSince(
  process: ContainerProcess,
  before: RootListing,
  signal: AbortSignal,
): Promise<{ readonly layer: Layer; readonly owned: readonly string[] }> {
  const now = await listRoot(process, signal);
  const changed = [...now.lines].filter(([path, facts]) => {
    if (path === '/') return false;
    if (before.lines.get(path) !== facts) return true;
    // What was made within the second of the first listing may have been written again in it; not so the programs that were there.
    return Number(facts.split('|')[5]) >= before.at && !PROGRAM.test(path);
  });
  const gone = [...before.lines.keys()].filter((path) => !now.lines.has(path));
  return {
    layer: await layerOf(process, new Map(changed), gone, signal),
    owned: changed.filter(([, facts]) => facts.split('|')[1] !== '0').map(([path]) => path),
  };
}

/** The layer of these paths of a container's root, with what a listing tells of each, and of those that are gone. Throws `EngineRefusal`. */
export async function layerOf(
  process: ContainerProcess,
  paths: ReadonlyMap<string, string>,
  gone: readonly string[],
  signal: AbortSignal,
): Promise<Layer> {
  const changed = [...paths];
  if (changed.length > MAX_ENTRIES)
    throw new EngineRefusal(501, `not simulated: an image of more than ${MAX_ENTRIES} files`);
  const modeOf = (facts: string): number => Number.parseInt(facts, 16);
  const isFolder = (facts: string): boolean => (modeOf(facts) & 0o170000) === 0o040000;
  const folders = changed
    .filter(([, facts]) => isFolder(facts))
    .map(([path, facts]): TemplateEntry => ({ kind: 'folder', path, mode: modeOf(facts) & 0o7777, data: '' }));
  const names = changed.filter(([, facts]) => !isFolder(facts)).map(([path]) => path);
  return {
    files: [...folders, ...(names.length === 0 ? [] : await filesAt(process, names, signal))],
    gone: new Set(gone),
  };
}

/** A layer over another one, as one. */
export function mergedLayers(below: Layer | undefined, above: Layer): Layer {
  const replaced = new Set(above.files.map(({ path }) => path));
  return {
    files: [...(below?.files ?? []).filter(({ path }) => !replaced.has(path) && !above.gone.has(path)), ...above.files],
    gone: new Set([...(below?.gone ?? []), ...above.gone].filter((path) => !replaced.has(path))),
  };
}

async function filesAt(
  process: ContainerProcess,
  paths: readonly string[],
  signal: AbortSignal,
): Promise<readonly TemplateEntry[]> {
  const names = paths.map((path) => `.${path}`);
  const program = await process.exec(['tar', '-c', '-f', '-', '-C', '/', ...names], ENV, '/', signal);
  const members = readTar(await outputOf(program, MAX_LAYER_BYTES, 'bytes'));
  const byPath = new Map(members.map((member) => [member.path, member]));
  return members.flatMap(({ path, kind, mode, data, target }): TemplateEntry[] => {
    switch (kind) {
      case 'link':
        return [{ kind, path: `/${path}`, mode: 0, data: target }];
      case 'file':
        return [{ kind, path: `/${path}`, mode, data: Buffer.from(data) }];
      case 'hard link':
        return [{ kind: 'file', path: `/${path}`, mode, data: Buffer.from(byPath.get(plain(target))?.data ?? '') }];
      case 'folder':
        return [];
      default:
        return kind satisfies never;
    }
  });
}

/** All that a program prints, as long as it is not more than so many bytes. */
export async function outputOf(
  program: ExecStreams,
  most: number,
  what: string,
  input: string | Buffer = '',
): Promise<Buffer> {
  program.stdin.on('error', () => undefined); // it has ended, and what it printed tells
  program.stdin.end(input);
  program.stderr.resume();
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of program.stdout as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > most) throw new EngineRefusal(501, `not simulated: so many ${what} in an image`);
    chunks.push(chunk);
  }
  await program.exited;
  return Buffer.concat(chunks);
}
