import type { ReadFile } from './read-file.ts';
import { StartupError } from './startup-error.ts';

/** The text of a file that a flag names; without it the server stays down in Go's words, after `what`. */
export async function requiredFile(path: string, read: ReadFile, what = ''): Promise<string> {
  const content = await read(path);
  if (content === undefined) throw new StartupError(`${what}open ${path}: no such file or directory`);
  return content.toString('utf8');
}
