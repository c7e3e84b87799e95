import { z } from 'zod';
import { ask, type DockerRequest, each, part, printInspected, printRows, shortId } from './verb.ts';

const Networks = z.array(z.object({ Id: z.string(), Name: z.string(), Driver: z.string(), Scope: z.string() }));

export async function listNetworks(request: DockerRequest): Promise<number> {
  const { call, client, flags } = request;
  const rows = await ask(client, Networks, 'GET', '/networks');
  if (flags.has('quiet')) {
    await call.stdout(rows.map(({ Id }) => `${shortId(Id)}\n`).join(''));
    return 0;
  }
  return printRows(
    request,
    rows.map(({ Id, Name, Driver, Scope }) => ({ ID: shortId(Id), Name, Driver, Scope })),
    {
      type: '*network.networkContext',
      columns: ['ID', 'Name', 'Driver', 'Scope'],
      headings: { ID: 'NETWORK ID', Name: 'NAME', Driver: 'DRIVER', Scope: 'SCOPE' },
    },
  );
}

export async function inspectNetworks(request: DockerRequest): Promise<number> {
  const found: unknown[] = [];
  const code = await each(request, async (word) => {
    found.push(await ask(request.client, z.looseObject({ Name: z.string() }), 'GET', `/networks/${part(word)}`));
    return undefined;
  });
  if (found.length > 0 || !request.flags.has('format')) await printInspected(request, found);
  return code;
}
