import { z } from 'zod';
import { fullName, parseReference } from '../../../images/image.ts';
import { refusalOf } from './docker-client.ts';
import { ask, type DockerRequest, each, part } from './verb.ts';

const Step = z.object({ status: z.string(), id: z.string().optional() });

/** Pulls an image and tells how it goes as docker does without a terminal. */
export async function printPull(
  { call, client }: Pick<DockerRequest, 'call' | 'client'>,
  reference: string,
  to: 'stdout' | 'stderr',
): Promise<void> {
  const parsed = parseReference(reference);
  const tag = parsed?.digest ?? parsed?.tag ?? '';
  const from = reference.replace(/(?::[^/:@]*)?(?:@.*)?$/, '');
  const answer = await client.send('POST', `/images/create?fromImage=${part(from)}&tag=${part(tag)}`);
  if (answer.status >= 400) throw refusalOf(String(answer.body));
  for (const line of String(answer.body).split('\r\n')) {
    if (line === '') continue;
    const { status, id } = Step.parse(JSON.parse(line));
    await call[to](`${id === undefined ? '' : `${id}: `}${status}\n`);
  }
}

export async function pullImage({ call, client, flags, words }: DockerRequest): Promise<number> {
  const [reference = ''] = words;
  const parsed = parseReference(reference);
  const quiet = flags.has('quiet');
  if (parsed !== undefined && !/[:@][^/]*$/.test(reference) && !quiet) await call.stdout('Using default tag: latest\n');
  await printPull(
    quiet ? { call: { ...call, stdout: async () => undefined }, client } : { call, client },
    reference,
    'stdout',
  );
  await call.stdout(`${fullName(reference)}\n`);
  return 0;
}

export async function tagImage({ client, words }: DockerRequest): Promise<number> {
  const [source = '', target = ''] = words;
  const [, repository = target, tag = ''] = /^(.*):([^/:]*)$/.exec(target) ?? [];
  await ask(client, z.unknown(), 'POST', `/images/${part(source)}/tag?repo=${part(repository)}&tag=${part(tag)}`);
  return 0;
}

const Removed = z.array(z.object({ Untagged: z.string().optional(), Deleted: z.string().optional() }));

export async function removeImages(request: DockerRequest): Promise<number> {
  const { client, flags } = request;
  return each(request, async (word) => {
    const removed = await ask(client, Removed, 'DELETE', `/images/${part(word)}?force=${flags.has('force') ? 1 : 0}`);
    return removed
      .map(({ Untagged, Deleted }) => (Untagged === undefined ? `Deleted: ${Deleted ?? ''}` : `Untagged: ${Untagged}`))
      .join('\n');
  });
}
