import { z } from 'zod';
import { humanDuration } from '../../human-duration.ts';
import { humanSize } from '../../human-size.ts';
import { DockerClientError } from './docker-client.ts';
import { lastFlag } from './flags.ts';
import { ask, type DockerRequest, part, printRows, shortId } from './verb.ts';

const Containers = z.array(
  z.object({
    Id: z.string(),
    Names: z.array(z.string()),
    Image: z.string(),
    Command: z.string(),
    Created: z.number(),
    State: z.string(),
    Status: z.string(),
    Ports: z.array(z.object({ IP: z.string(), PrivatePort: z.number(), PublicPort: z.number(), Type: z.string() })),
    Labels: z.record(z.string(), z.string()),
    HostConfig: z.object({ NetworkMode: z.string() }),
    Mounts: z.array(z.object({ Source: z.string() })),
  }),
);

/** The filters of a list as the API takes them; `more` are of the command itself. */
function filters({ flags }: DockerRequest, more: readonly string[] = []): string {
  const all: Record<string, string[]> = {};
  for (const filter of [...(flags.get('filter') ?? []), ...more]) {
    const [name = '', ...value] = filter.split('=');
    if (value.length === 0)
      throw new DockerClientError(
        `invalid argument ${JSON.stringify(filter)} for "-f, --filter" flag: bad format of filter (expected name=value)`,
      );
    (all[name] ??= []).push(value.join('='));
  }
  return Object.keys(all).length === 0 ? '' : `&filters=${part(JSON.stringify(all))}`;
}

export async function listContainers(request: DockerRequest): Promise<number> {
  const { call, client, flags, clock } = request;
  const latest = flags.has('latest') ? 1 : Number(lastFlag(flags, 'last') ?? 0);
  const all = flags.has('all') || latest > 0 ? 1 : 0;
  const limit = latest > 0 ? `&limit=${latest}` : '';
  const rows = await ask(client, Containers, 'GET', `/containers/json?all=${all}${limit}${filters(request)}`);
  const whole = flags.has('no-trunc');
  if (flags.has('quiet')) {
    await call.stdout(rows.map(({ Id }) => `${whole ? Id : shortId(Id)}\n`).join(''));
    return 0;
  }
  const shown = rows.map((row) => {
    const age = humanDuration(clock.now() - row.Created * 1000);
    return {
      ID: whole ? row.Id : shortId(row.Id),
      Image: row.Image,
      Command: JSON.stringify(whole || row.Command.length <= 20 ? row.Command : `${row.Command.slice(0, 19)}…`),
      RunningFor: `${age} ago`,
      CreatedAt: new Date(row.Created * 1000).toISOString().replace('T', ' ').replace(/\..*$/, ' +0000 UTC'),
      State: row.State,
      Status: row.Status,
      Ports: row.Ports.map(
        ({ IP, PublicPort, PrivatePort, Type }) => `${IP}:${PublicPort}->${PrivatePort}/${Type}`,
      ).join(', '),
      Names: row.Names.map((name) => name.replace(/^\//, '')).join(','),
      Labels: Object.entries(row.Labels)
        .map(([name, value]) => `${name}=${value}`)
        .join(','),
      Mounts: row.Mounts.map(({ Source }) => Source).join(','),
      Networks: row.HostConfig.NetworkMode,
    };
  });
  return printRows(request, shown, {
    type: '*formatter.ContainerContext',
    columns: ['ID', 'Image', 'Command', 'RunningFor', 'Status', 'Ports', 'Names'],
    headings: {
      ID: 'CONTAINER ID',
      Image: 'IMAGE',
      Command: 'COMMAND',
      RunningFor: 'CREATED',
      CreatedAt: 'CREATED AT',
      State: 'STATE',
      Status: 'STATUS',
      Ports: 'PORTS',
      Names: 'NAMES',
      Labels: 'LABELS',
      Mounts: 'MOUNTS',
      Networks: 'NETWORKS',
    },
  });
}

const Images = z.array(
  z.object({
    Id: z.string(),
    RepoTags: z.array(z.string()),
    RepoDigests: z.array(z.string()),
    Created: z.number(),
    Size: z.number(),
  }),
);

export async function listImages(request: DockerRequest): Promise<number> {
  const { call, client, flags, words, clock } = request;
  const named = words.map((word) => `reference=${word}`);
  const rows = await ask(
    client,
    Images,
    'GET',
    `/images/json?all=${flags.has('all') ? 1 : 0}${filters(request, named)}`,
  );
  const id = (one: string): string => (flags.has('no-trunc') ? one : shortId(one));
  if (flags.has('quiet')) {
    await call.stdout(rows.map(({ Id }) => `${id(Id)}\n`).join(''));
    return 0;
  }
  const shown = rows.map((row) => {
    const [reference = `${row.RepoDigests[0]?.split('@')[0] ?? '<none>'}:<none>`] = row.RepoTags;
    const colon = reference.lastIndexOf(':');
    return {
      Repository: reference.slice(0, colon),
      Tag: reference.slice(colon + 1),
      Digest: row.RepoDigests[0]?.split('@')[1] ?? '<none>',
      ID: id(row.Id),
      CreatedSince: `${humanDuration(clock.now() - row.Created * 1000)} ago`,
      Size: humanSize(row.Size, 3),
    };
  });
  return printRows(request, shown, {
    type: '*formatter.imageContext',
    columns: ['Repository', 'Tag', ...(flags.has('digests') ? ['Digest'] : []), 'ID', 'CreatedSince', 'Size'],
    headings: {
      Repository: 'REPOSITORY',
      Tag: 'TAG',
      Digest: 'DIGEST',
      ID: 'IMAGE ID',
      CreatedSince: 'CREATED',
      Size: 'SIZE',
    },
  });
}

const History = z.array(z.object({ Id: z.string(), Created: z.number(), CreatedBy: z.string(), Size: z.number() }));

export async function showHistory(request: DockerRequest): Promise<number> {
  const { client, flags, words, clock } = request;
  const rows = await ask(client, History, 'GET', `/images/${part(words[0] ?? '')}/history`);
  const shown = rows.map(({ Id, Created, CreatedBy, Size }) => ({
    ID: Id.startsWith('sha256:') && !flags.has('no-trunc') ? shortId(Id) : Id,
    CreatedSince: `${humanDuration(clock.now() - Created * 1000)} ago`,
    CreatedBy: flags.has('no-trunc') || CreatedBy.length <= 45 ? CreatedBy : `${CreatedBy.slice(0, 44)}…`,
    Size: humanSize(Size, 3),
    Comment: '',
  }));
  return printRows(request, shown, {
    type: '*formatter.historyContext',
    columns: ['ID', 'CreatedSince', 'CreatedBy', 'Size', 'Comment'],
    headings: { ID: 'IMAGE', CreatedSince: 'CREATED', CreatedBy: 'CREATED BY', Size: 'SIZE', Comment: 'COMMENT' },
  });
}
