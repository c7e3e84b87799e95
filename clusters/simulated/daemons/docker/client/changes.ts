import { z } from 'zod';
import { ask, type DockerRequest, part } from './verb.ts';

const Changes = z.array(z.object({ Path: z.string(), Kind: z.number() }));
/** By the API's number of a kind (docker/cli cli/command/formatter/diff.go). */
const LETTERS = ['C', 'A', 'D'];

export async function showChanges({ call, client, words }: DockerRequest): Promise<number> {
  const changes = await ask(client, Changes, 'GET', `/containers/${part(words[0] ?? '')}/changes`);
  await call.stdout(changes.map(({ Path, Kind }) => `${LETTERS[Kind] ?? ''} ${Path}\n`).join(''));
  return 0;
}

export async function commitContainer({ call, client, words }: DockerRequest): Promise<number> {
  const [container = '', name = ''] = words;
  const [, repository = name, tag = ''] = /^(.*):([^/:]*)$/.exec(name) ?? [];
  const query = `container=${part(container)}&repo=${part(repository)}&tag=${part(tag)}`;
  const { Id } = await ask(client, z.object({ Id: z.string() }), 'POST', `/commit?${query}`, {});
  await call.stdout(`${Id}\n`);
  return 0;
}
