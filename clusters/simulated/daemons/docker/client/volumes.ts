import { z } from 'zod';
import { isConfirmed } from './confirm.ts';
import { DockerClientError } from './docker-client.ts';
import { ask, type DockerRequest, each, part, printInspected, printRows } from './verb.ts';

const Volume = z.looseObject({ Name: z.string(), Driver: z.string() });
const Volumes = z.object({ Volumes: z.array(Volume) });

export async function listVolumes(request: DockerRequest): Promise<number> {
  const { call, client, flags } = request;
  const { Volumes: found } = await ask(client, Volumes, 'GET', '/volumes');
  if (flags.has('quiet')) {
    await call.stdout(found.map(({ Name }) => `${Name}\n`).join(''));
    return 0;
  }
  return printRows(
    request,
    found.map(({ Driver, Name }) => ({ Driver, Name })),
    {
      type: '*formatter.volumeContext',
      columns: ['Driver', 'Name'],
      headings: { Driver: 'DRIVER', Name: 'VOLUME NAME' },
    },
  );
}

export async function createVolume({ call, client, words }: DockerRequest): Promise<number> {
  const { Name } = await ask(client, Volume, 'POST', '/volumes/create', { Name: words[0] ?? '' });
  await call.stdout(`${Name}\n`);
  return 0;
}

export async function inspectVolumes(request: DockerRequest): Promise<number> {
  const found: unknown[] = [];
  const code = await each(request, async (word) => {
    found.push(await ask(request.client, Volume, 'GET', `/volumes/${part(word)}`));
    return undefined;
  });
  if (found.length > 0 || !request.flags.has('format')) await printInspected(request, found);
  return code;
}

export async function removeVolumes(request: DockerRequest): Promise<number> {
  return each(request, async (word) => {
    await ask(request.client, z.unknown(), 'DELETE', `/volumes/${part(word)}`);
    return word;
  });
}

/** Without `--all` only volumes without a name go, of which a lab has none. */
export async function pruneVolumes(request: DockerRequest): Promise<number> {
  const all = request.flags.has('all');
  const which = all ? 'all' : 'anonymous';
  const warning = `WARNING! This will remove ${which} local volumes not used by at least one container.`;
  if (!(await isConfirmed(request, warning))) return 0;
  const removed: string[] = [];
  if (all) {
    const { Volumes: found } = await ask(request.client, Volumes, 'GET', '/volumes');
    for (const { Name } of found) {
      try {
        await ask(request.client, z.unknown(), 'DELETE', `/volumes/${part(Name)}`);
        removed.push(Name);
      } catch (error) {
        if (!(error instanceof DockerClientError) || !error.message.includes('in use')) throw error;
      }
    }
  }
  const list = removed.length === 0 ? '' : `Deleted Volumes:\n${removed.join('\n')}\n\n`;
  await request.call.stdout(`${list}Total reclaimed space: 0B\n`);
  return 0;
}
