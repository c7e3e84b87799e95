import { posix } from 'node:path';
import { readHostText } from '../../host-text.ts';
import { DockerClientError } from './docker-client.ts';
import type { DockerRequest } from './verb.ts';

/**
 * The variables that `--env-file` and then `--env` give, `NAME=value` each; a name alone has the caller's own value, as far as a lab hears of it
 * (docker/cli opts/file.go, opts/env.go).
 */
export async function environmentOf({ host, call, flags }: DockerRequest): Promise<readonly string[]> {
  const entries: string[] = [];
  for (const file of flags.get('env-file') ?? []) {
    const path = posix.resolve(call.cwd, file);
    const text = await readHostText(host, path);
    if (text === undefined) throw new DockerClientError(`open ${file}: no such file or directory`);
    for (const line of text.split('\n').map((one) => one.trimStart())) {
      if (line === '' || line.startsWith('#')) continue;
      const [name = ''] = line.split('=');
      if (/\s/.test(name))
        throw new DockerClientError(
          `poorly formatted environment: variable ${JSON.stringify(name)} contains whitespaces`.replaceAll('"', "'"),
        );
      entries.push(line);
    }
  }
  entries.push(...(flags.get('env') ?? []));
  return entries.flatMap((entry) => {
    if (entry.includes('=')) return [entry];
    const own = call.env[entry];
    return own === undefined ? [] : [`${entry}=${own}`];
  });
}
