import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { DerivedImageName } from './table.ts';
import { packTar, type TarEntry } from './ustar.ts';

/** Where the Dockerfiles and the programs they copy lie. */
const CONTEXT = join(import.meta.dirname, 'context');

/** What an image is built of. */
export interface BuildContext {
  readonly dockerfile: string;
  readonly entries: readonly TarEntry[];
}

/**
 * The Dockerfile of an image, the programs that all Dockerfiles share, and the clients of this machine that go onto the workstation.
 * Modes are said here: git keeps no more than the executable bit, and a checkout may have lost that.
 */
export async function readBuildContext(name: DerivedImageName, helm: string | undefined): Promise<BuildContext> {
  const dockerfile = `${name}.Dockerfile`;
  const programs = (await readdir(join(CONTEXT, 'programs'))).toSorted();
  const size =
    name === 'workstation' && helm !== undefined ? (await stat(helm).catch(() => undefined))?.size : undefined;
  return {
    dockerfile,
    entries: [
      { path: dockerfile, mode: 0o644, content: await readFile(join(CONTEXT, dockerfile)) },
      { path: 'programs/', mode: 0o755, content: Buffer.alloc(0) },
      ...(await Promise.all(
        programs.map(async (program) => ({
          path: `programs/${program}`,
          mode: 0o755,
          content: await readFile(join(CONTEXT, 'programs', program)),
        })),
      )),
      { path: 'clients/', mode: 0o755, content: Buffer.alloc(0) },
      ...(helm === undefined || size === undefined
        ? []
        : [{ path: 'clients/helm', mode: 0o755, content: { file: helm, size } }]),
    ],
  };
}

/** Whether the workstation of this context gets helm. */
export const bringsHelm = ({ entries }: BuildContext): boolean => entries.some(({ path }) => path === 'clients/helm');

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
