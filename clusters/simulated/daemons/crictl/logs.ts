import { lastOption } from '../command-line.ts';
import { momentOf } from '../moment.ts';
import { CrictlError, doing, type CriRequest, findContainer } from './verb.ts';

/** `crictl logs`: what the container wrote, each line to the stream that it wrote it to (cri-tools cmd/crictl/logs.go). */
export async function showLogs({ runtime, call, options, words, clock }: CriRequest): Promise<number> {
  const [reference] = words;
  if (reference === undefined) throw new CrictlError('ID cannot be empty');
  const named = await doing('get container status', () => findContainer(runtime, reference));
  const before = (await runtime.containers()).find(
    ({ sandbox, name, attempt }) =>
      sandbox.id === named.sandbox.id && name === named.name && attempt === named.attempt - 1,
  );
  const container = options.has('previous') ? before : named;
  if (container === undefined) throw new CrictlError(`previous terminated container ${named.name} not found`);
  const tail = numberOf('tail', lastOption(options, 'tail') ?? '-1');
  const since = sinceOf(lastOption(options, 'since'), clock.now());
  const bytesLeft = lastOption(options, 'limit-bytes');
  let left = bytesLeft === undefined ? Number.POSITIVE_INFINITY : numberOf('limit-bytes', bytesLeft);
  const isFollowed = options.has('follow') && container.state === 'Running';
  const soFar = await all(await runtime.log(container, false, call.signal));
  const first = tail < 0 ? 0 : Math.max(0, soFar.length - tail);
  let seen = 0;
  for await (const { stream, at, bytes } of isFollowed ? await runtime.log(container, true, call.signal) : soFar) {
    if (seen++ < first || at < since || left <= 0) continue;
    const stamp = options.has('timestamps') ? `${new Date(at).toISOString().slice(0, -1)}000000Z ` : '';
    const shown = Buffer.concat([Buffer.from(stamp), bytes]).subarray(0, left);
    left -= shown.length;
    await call[stream](shown);
  }
  return 0;
}

async function all<T>(lines: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const line of lines) found.push(line);
  return found;
}

function numberOf(name: string, text: string): number {
  if (!/^-?\d+$/.test(text))
    throw new CrictlError(`invalid value ${JSON.stringify(text)} for flag -${name}: parse error`);
  return Number(text);
}

/** Milliseconds since 1970 of a time, or of so long ago (`10m`, `1h30m`). */
function sinceOf(text: string | undefined, now: number): number {
  if (text === undefined) return Number.NEGATIVE_INFINITY;
  const at = momentOf(text, now);
  if (at === undefined)
    throw new CrictlError(`invalid argument ${JSON.stringify(text)} for --since: it is neither a time nor a duration`);
  return at;
}
