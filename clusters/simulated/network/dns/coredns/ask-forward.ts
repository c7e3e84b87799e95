import { isIPv4 } from 'node:net';
import type { ModelContext } from '../../../images/models/model.ts';

/** Milliseconds that an upstream has for its answer (plugin/forward, `readTimeout`). */
const ANSWER_MS = 2000;

/** Bytes of an answer at most. */
const MAX_ANSWER = 65_535 + 2;

/**
 * Puts a question to the first of these servers that answers, over TCP from the container's own network. The answer's bytes, or why there
 * is none.
 */
export async function askForward(
  message: Buffer,
  servers: readonly string[],
  dial: ModelContext['dial'],
): Promise<Buffer | { readonly failed: string }> {
  if (servers.length === 0) return { failed: 'not simulated: names outside of the cluster; the node has no resolver' };
  for (const server of servers.slice(0, MOST)) {
    const [address = '', port = '53'] = server.split(':');
    const answer = isIPv4(address) ? await ask(message, address, Number(port), dial) : undefined;
    if (answer !== undefined) return answer;
  }
  return { failed: `dial tcp ${servers[0]?.includes(':') === true ? servers[0] : `${servers[0]}:53`}: i/o timeout` };
}

/** Servers of one forward (plugin/forward, `max`). */
const MOST = 15;

async function ask(
  message: Buffer,
  address: string,
  port: number,
  dial: ModelContext['dial'],
): Promise<Buffer | undefined> {
  const signal = AbortSignal.timeout(ANSWER_MS);
  const socket = await dial(address, port, signal).catch(() => undefined);
  if (socket === undefined) return undefined;
  try {
    const length = Buffer.alloc(2);
    length.writeUInt16BE(message.length);
    socket.on('error', () => socket.destroy());
    signal.addEventListener('abort', () => socket.destroy(), { once: true });
    socket.write(Buffer.concat([length, message]));
    let heard = Buffer.alloc(0);
    for await (const bytes of socket) {
      heard = Buffer.concat([heard, bytes as Buffer]);
      if (heard.length >= 2 && heard.length >= 2 + heard.readUInt16BE(0))
        return heard.subarray(2, 2 + heard.readUInt16BE(0));
      if (heard.length > MAX_ANSWER) return undefined;
    }
    return undefined;
  } catch {
    return undefined;
  } finally {
    socket.destroy();
  }
}
