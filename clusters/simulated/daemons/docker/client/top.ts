import { z } from 'zod';
import { wideTable } from '../../wide-table.ts';
import { ask, type DockerRequest, part } from './verb.ts';

const Top = z.object({ Titles: z.array(z.string()), Processes: z.array(z.array(z.string())) });

/** `docker top CONTAINER [ps OPTIONS]`. */
export async function showProcesses({ call, client, words }: DockerRequest): Promise<number> {
  const [name = '', ...options] = words;
  const query = options.length === 0 ? '' : `?ps_args=${part(options.join(' '))}`;
  const { Titles, Processes } = await ask(client, Top, 'GET', `/containers/${part(name)}/top${query}`);
  await call.stdout(wideTable([Titles, ...Processes]));
  return 0;
}
