import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface Paper {
  /** Relative to the checkout: `docs/cli.md`. */
  readonly path: string;
  readonly text: string;
}

/** What people read of the project: Markdown at its root and in docs/. */
export async function papersOf(project: string): Promise<readonly Paper[]> {
  const names = async (folder: string): Promise<string[]> =>
    (await readdir(join(project, folder))).filter((name) => name.endsWith('.md')).map((name) => join(folder, name));
  const paths = [...(await names('.')), ...(await names('docs'))].sort();
  return Promise.all(paths.map(async (path) => ({ path, text: await readFile(join(project, path), 'utf8') })));
}
