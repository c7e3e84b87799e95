import { z } from 'zod';
import { humanSize } from '../../human-size.ts';
import { isConfirmed } from './confirm.ts';
import { ask, type DockerRequest, part } from './verb.ts';

const Rows = z.array(z.object({ Id: z.string(), State: z.string() }));
const PrunedImages = z.object({
  ImagesDeleted: z.array(z.object({ Untagged: z.string().optional(), Deleted: z.string().optional() })),
  SpaceReclaimed: z.number(),
});

/** Removes containers that do not run, and returns what is printed of it. */
async function prunedContainers({ client }: DockerRequest): Promise<string> {
  const stopped = (await ask(client, Rows, 'GET', '/containers/json?all=1')).filter(({ State }) =>
    ['created', 'exited'].includes(State),
  );
  for (const { Id } of stopped) await ask(client, z.unknown(), 'DELETE', `/containers/${Id}`);
  return stopped.length === 0 ? '' : `Deleted Containers:\n${stopped.map(({ Id }) => `${Id}\n`).join('')}\n`;
}

async function prunedImages({
  client,
  flags,
}: DockerRequest): Promise<{ readonly text: string; readonly bytes: number }> {
  const filters = part(JSON.stringify({ dangling: [flags.has('all') ? 'false' : 'true'] }));
  const pruned = await ask(client, PrunedImages, 'POST', `/images/prune?filters=${filters}`);
  const lines = pruned.ImagesDeleted.map(({ Untagged, Deleted }) =>
    Untagged === undefined ? `deleted: ${Deleted ?? ''}` : `untagged: ${Untagged}`,
  );
  return {
    text: lines.length === 0 ? '' : `Deleted Images:\n${lines.join('\n')}\n\n`,
    bytes: pruned.SpaceReclaimed,
  };
}

export async function pruneContainers(request: DockerRequest): Promise<number> {
  if (!(await isConfirmed(request, 'WARNING! This will remove all stopped containers.'))) return 0;
  await request.call.stdout(`${await prunedContainers(request)}Total reclaimed space: 0B\n`);
  return 0;
}

export async function pruneImages(request: DockerRequest): Promise<number> {
  const which = request.flags.has('all')
    ? 'images without at least one container associated to them'
    : 'dangling images';
  if (!(await isConfirmed(request, `WARNING! This will remove all ${which}.`))) return 0;
  const { text, bytes } = await prunedImages(request);
  await request.call.stdout(`${text}Total reclaimed space: ${humanSize(bytes)}\n`);
  return 0;
}

export async function pruneSystem(request: DockerRequest): Promise<number> {
  const images = request.flags.has('all')
    ? 'images without at least one container associated to them'
    : 'dangling images';
  const warning = `WARNING! This will remove:\n  - all stopped containers\n  - all networks not used by at least one container\n  - all ${images}\n  - unused build cache\n`;
  if (!(await isConfirmed(request, warning))) return 0;
  const containers = await prunedContainers(request);
  const { text, bytes } = await prunedImages(request);
  await request.call.stdout(`${containers}${text}Total reclaimed space: ${humanSize(bytes)}\n`);
  return 0;
}
