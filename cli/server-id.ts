import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CommandContext } from './context.ts';

/**
 * Whose labs in Docker are: one id for all servers that use this data directory, one after another. It is made when it is first asked for
 * and stays. Rejects where the directory cannot be written.
 */
export async function serverId({ dataDirectory, random }: CommandContext): Promise<string> {
  const file = join(dataDirectory, 'server-id');
  await mkdir(dataDirectory, { recursive: true, mode: 0o700 });
  const fresh = Buffer.from(random(8)).toString('hex');
  // Two commands may start at once: the first one's is both's.
  await writeFile(file, `${fresh}\n`, { flag: 'wx', mode: 0o600 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  return (await readFile(file, 'utf8')).trim() || fresh;
}
