import { changesOf, commit } from '../container-changes.ts';
import { type Answer, type Exchange, jsonBody } from './exchange.ts';
import { EngineRefusal } from '../refusal.ts';

const KINDS = { modified: 0, added: 1, deleted: 2 } as const;

/** `docker diff`. */
export async function containerChanges({ engine, name, gone }: Exchange): Promise<Answer> {
  const changes = await changesOf(engine, engine.container(name), gone);
  return { status: 200, body: changes.map(({ path, kind }) => ({ Path: path, Kind: KINDS[kind] })) };
}

/** `docker commit`. */
export async function commitContainer(exchange: Exchange, now: number): Promise<Answer> {
  const { engine, query, gone } = exchange;
  await jsonBody(exchange);
  if ((query.get('changes') ?? '') !== '') throw new EngineRefusal(501, 'not simulated: instructions for a commit');
  const [repository, tag] = [query.get('repo') ?? '', query.get('tag') ?? ''];
  const names = repository === '' ? [] : [tag === '' ? repository : `${repository}:${tag}`];
  const image = await commit(engine, engine.container(query.get('container') ?? ''), { names, now, signal: gone });
  return { status: 201, body: { Id: image.id } };
}
