import { buildImage } from '../build/build.ts';
import { BuildFailure, MAX_CONTEXT_BYTES } from '../build/build-request.ts';
import { EngineRefusal } from '../refusal.ts';
import { type Answer, type Exchange, isTrue } from './exchange.ts';

/** Builds an image of the context that is sent, a tar, and tells how it goes line by line (moby pkg/jsonmessage). */
export async function build(exchange: Exchange, now: number): Promise<Answer | undefined> {
  const { engine, query, request, gone, to } = exchange;
  if (!('response' in to)) return { status: 400, body: { message: 'a build is no stream' } };
  if ((query.get('remote') ?? '') !== '') throw new EngineRefusal(501, 'not simulated: a build context from elsewhere');
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_CONTEXT_BYTES)
      throw new EngineRefusal(501, `not simulated: a build context of more than ${MAX_CONTEXT_BYTES / 2 ** 20} MiB`);
    chunks.push(chunk);
  }
  const { response } = to;
  const tell = (line: object): void => void response.write(`${JSON.stringify(line)}\r\n`);
  response.writeHead(200, { 'content-type': 'application/json' });
  try {
    const names = query.getAll('t');
    const image = await buildImage({
      engine,
      context: Buffer.concat(chunks),
      dockerfile: query.get('dockerfile') ?? 'Dockerfile',
      names,
      args: objectOf(query.get('buildargs')),
      labels: objectOf(query.get('labels')),
      target: query.get('target') ?? '',
      now,
      signal: gone,
      show: (text) => tell({ stream: text }),
    });
    tell({ aux: { ID: image.id } });
    if (!isTrue(exchange, 'q')) tell({ stream: `Successfully built ${image.id.slice(7, 19)}\n` });
    for (const name of names)
      tell({ stream: `Successfully tagged ${/:[^/]*$/.test(name) ? name : `${name}:latest`}\n` });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const code = error instanceof BuildFailure ? { code: error.code } : {};
    tell({ errorDetail: { ...code, message }, error: message });
  }
  response.end();
  return undefined;
}

/** An object of texts out of a query; what is none is empty. */
function objectOf(text: string | null): Record<string, string> {
  try {
    const value: unknown = JSON.parse(text ?? '{}');
    const entries = Object.entries(typeof value === 'object' && value !== null ? value : {});
    return Object.fromEntries(entries.flatMap(([name, one]) => (typeof one === 'string' ? [[name, one]] : [])));
  } catch (cause) {
    throw new EngineRefusal(400, 'error reading build args', { cause });
  }
}
