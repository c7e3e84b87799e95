import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { BuiltImageName } from './table.ts';
import { packTar, type TarEntry } from './ustar.ts';

/** Where the Dockerfiles and the programs they copy lie. */
const CONTEXT = join(import.meta.dirname, 'context');

/** What an image is built of. */
export interface BuildContext {
  readonly dockerfile: string;
  readonly entries: readonly TarEntry[];
}

/**
 * The Dockerfile of an image, the programs that all Dockerfiles share, what is that image's alone, and the clients of this machine that go
 * onto the workstation. Modes are said here: git keeps no more than the executable bit, and a checkout may have lost that.
 */
export async function readBuildContext(name: BuiltImageName, helm: string | undefined): Promise<BuildContext> {
  const dockerfile = `${name}.Dockerfile`;
  return {
    dockerfile,
    entries: [
      { path: dockerfile, mode: 0o644, content: await readFile(join(CONTEXT, dockerfile)) },
      ...(await programsIn('programs')),
      ...(name === 'pod-stand-in' ? await programsIn('pods') : []),
      ...(name === 'workstation' ? await clients(helm) : []),
    ],
  };
}

async function programsIn(folder: string): Promise<readonly TarEntry[]> {
  const names = (await readdir(join(CONTEXT, folder))).toSorted();
  const read = async (name: string): Promise<TarEntry> => ({
    path: `${folder}/${name}`,
    mode: 0o755,
    content: await readFile(join(CONTEXT, folder, name)),
  });
  return [folderEntry(folder), ...(await Promise.all(names.map(read)))];
}

async function clients(helm: string | undefined): Promise<readonly TarEntry[]> {
  const size = helm === undefined ? undefined : (await stat(helm).catch(() => undefined))?.size;
  if (helm === undefined || size === undefined) return [folderEntry('clients')];
  return [folderEntry('clients'), { path: HELM, mode: 0o755, content: { file: helm, size } }];
}

const HELM = 'clients/helm';

/** COPY wants a folder even where nothing is in it. */
const folderEntry = (path: string): TarEntry => ({ path: `${path}/`, mode: 0o755, content: Buffer.alloc(0) });

/** Whether the workstation of this context gets helm. */
export const bringsHelm = ({ entries }: BuildContext): boolean => entries.some(({ path }) => path === HELM);

export const packContext = ({ entries }: BuildContext): AsyncIterable<Uint8Array> => packTar(entries);

/**
 * A tag that changes whenever what is built would change: by the texts and the layers of the base image. The clients of this machine do
 * not count, so that an image carried to a machine without them is still the one that is looked for there; nor do layers' containers,
 * which Docker's two image stores number differently.
 */
export function contextTag({ entries }: BuildContext, baseLayers: readonly string[]): string {
  const hash = createHash('sha256');
  for (const { path, mode, content } of entries) {
    if (!(content instanceof Uint8Array)) continue;
    hash.update(`${path}\0${mode}\0${content.length}\0`).update(content);
  }
  return hash.update(baseLayers.join('\0')).digest('hex').slice(0, 16);
}
