import { z } from 'zod';
import type { Clock } from '../../../clock.ts';
import { momentOf } from '../../moment.ts';
import { unframe } from '../frames.ts';
import { DockerClientError, refusalOf } from './docker-client.ts';
import { type Flags, lastFlag } from './flags.ts';
import { ask, complain, type DockerRequest, each, part, printInspected } from './verb.ts';

type Act = (request: DockerRequest) => Promise<number>;

/** A command that has the engine do one thing to each container it is given. */
export const perContainer =
  (method: 'POST' | 'DELETE', suffix: (request: DockerRequest) => string): Act =>
  (request) =>
    each(request, async (word) => {
      await ask(request.client, z.unknown(), method, `/containers/${part(word)}${suffix(request)}`);
      return word;
    });

export const stopQuery = ({ flags }: DockerRequest): string => {
  const seconds = lastFlag(flags, 'time');
  return seconds === undefined ? '' : `?t=${part(seconds)}`;
};

export async function waitForContainers(request: DockerRequest): Promise<number> {
  return each(request, async (word) => {
    const { StatusCode } = await ask(
      request.client,
      z.object({ StatusCode: z.number() }),
      'POST',
      `/containers/${part(word)}/wait`,
    );
    return String(StatusCode);
  });
}

export async function renameContainer({ client, words }: DockerRequest): Promise<number> {
  const [from = '', to = ''] = words;
  await ask(client, z.unknown(), 'POST', `/containers/${part(from)}/rename?name=${part(to)}`);
  return 0;
}

/** `docker inspect` looks for a container and then for an image; `docker image inspect` for images alone. */
export function inspect(kinds: readonly ('containers' | 'images')[]): Act {
  return async (request) => {
    const { call, client, words } = request;
    const found: unknown[] = [];
    const missing: string[] = [];
    for (const word of words) {
      let text: string | undefined;
      let refusal: DockerClientError | undefined;
      for (const kind of kinds) {
        const answer = await client.send('GET', `/${kind}/${part(word)}/json`);
        if (answer.status < 400) {
          text = String(answer.body);
          break;
        }
        refusal = refusalOf(String(answer.body));
        if (answer.status !== 404 && answer.status !== 400) throw refusal;
      }
      if (text !== undefined) found.push(JSON.parse(text));
      else
        missing.push(
          kinds.length > 1
            ? `Error: No such object: ${word}`
            : (refusal?.message ?? '').replace(/^Error response from daemon: /, 'Error: '),
        );
    }
    if (found.length > 0 || !request.flags.has('format')) await printInspected(request, found);
    for (const line of missing) await complain(call, line, 1);
    return missing.length > 0 ? 1 : 0;
  };
}

export async function showLogs({ call, client, flags, words, clock }: DockerRequest): Promise<number> {
  const name = part(words[0] ?? '');
  const Inspected = z.object({ Config: z.object({ Tty: z.boolean() }) });
  const { Config } = await ask(client, Inspected, 'GET', `/containers/${name}/json`);
  const yes = (flag: string): number => (flags.has(flag) ? 1 : 0);
  const query = `stdout=1&stderr=1&follow=${yes('follow')}&timestamps=${yes('timestamps')}&tail=${part(lastFlag(flags, 'tail') ?? 'all')}${momentQuery(flags, clock, 'since')}${momentQuery(flags, clock, 'until')}`;
  const answer = await client.stream('GET', `/containers/${name}/logs?${query}`);
  if ((answer.statusCode ?? 0) >= 400) {
    let text = '';
    for await (const chunk of answer as AsyncIterable<Buffer>) text += String(chunk);
    throw refusalOf(text);
  }
  const pieces: [stream: 'stdout' | 'stderr', bytes: Buffer][] = [];
  const take = Config.Tty
    ? (bytes: Buffer) => void pieces.push(['stdout', bytes])
    : unframe((stream, bytes) => void pieces.push([stream, bytes]));
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    take(chunk);
    for (const [stream, bytes] of pieces.splice(0)) await call[stream](bytes);
  }
  return 0;
}

/** A time as the API takes it, in seconds since 1970. */
function momentQuery(flags: Flags, clock: Clock, name: 'since' | 'until'): string {
  const text = lastFlag(flags, name);
  if (text === undefined) return '';
  const at = momentOf(text, clock.now());
  if (at === undefined)
    throw new DockerClientError(
      `invalid value for "${name}": failed to parse value as time or duration: ${JSON.stringify(text)}`,
    );
  return `&${name}=${at / 1000}`;
}

export async function listPorts({ call, client, words }: DockerRequest): Promise<number> {
  const Inspected = z.object({
    NetworkSettings: z.object({
      Ports: z.record(z.string(), z.array(z.object({ HostIp: z.string(), HostPort: z.string() })).nullable()),
    }),
  });
  const { NetworkSettings } = await ask(client, Inspected, 'GET', `/containers/${part(words[0] ?? '')}/json`);
  const [name = '', wanted] = words;
  if (wanted !== undefined) {
    const bindings = NetworkSettings.Ports[wanted.includes('/') ? wanted : `${wanted}/tcp`] ?? [];
    if (bindings.length === 0)
      throw new DockerClientError(
        `Error: No public port '${wanted.includes('/') ? wanted : `${wanted}/tcp`}' published for ${name}`,
      );
    for (const { HostIp, HostPort } of bindings) await call.stdout(`${HostIp}:${HostPort}\n`);
    return 0;
  }
  for (const [port, bindings] of Object.entries(NetworkSettings.Ports))
    for (const { HostIp, HostPort } of bindings ?? []) await call.stdout(`${port} -> ${HostIp}:${HostPort}\n`);
  return 0;
}
