import { Duplex } from 'node:stream';
import { type DialResult, LabError } from '../../cluster.ts';
import { encodePacket, packetReader } from '../../keeper/packets.ts';
import { connectionTime } from './connection-time.ts';
import { type HostContainer, startKeeper } from './start-keeper.ts';

/** A program inside sends pieces of 64 KB at most. */
const MAX_PACKET = 2 ** 17;
const PIECE = 2 ** 16;

/** Linux's numbers (include/uapi/asm-generic/errno.h), whatever this server runs on. */
const OUTCOMES: Readonly<Record<number, { outcome: Exclude<DialResult['outcome'], 'open'>; how: string }>> = {
  [-1]: { outcome: 'unresolved', how: '' },
  104: { outcome: 'refused', how: ' refused' },
  111: { outcome: 'refused', how: ' refused' },
  110: { outcome: 'timeout', how: ' did not answer' },
};

/**
 * Connects from the container's network, after its own resolver (agent/dial.pl): its /etc/hosts, and Docker's name server. A time that
 * `signal` grants is the connection's: reaching into the container has its own. Throws `LabError` when Docker or the container is gone, or
 * does not answer: nothing is known of the place then.
 */
export async function dialFromContainer(
  container: HostContainer,
  to: string,
  port: number,
  signal: AbortSignal,
): Promise<DialResult> {
  const place = `${to}:${port}`;
  const silent: DialResult = { outcome: 'timeout', detail: `${place} did not answer` };
  if (signal.aborted) return silent;
  using time = connectionTime(signal);
  let connection;
  try {
    connection = await startKeeper(container, 'dial', [to, port], [time.givenUp]);
  } catch (error) {
    if (time.givenUp.aborted) return silent;
    throw error;
  }
  const socket = new DialledSocket(connection);
  const over = time.begin();
  const hangUp = () => connection.destroy();
  over.addEventListener('abort', hangUp, { once: true });
  try {
    if (over.aborted) return silent;
    const ended = await socket.outcome;
    if (over.aborted) return silent;
    if (ended === undefined)
      throw new LabError(
        `${container.name} could not try ${place}: what was to do it there ended before it told how it went`,
        'See what runs there, and whether its memory is used up; reset the lab if it cannot be mended.',
      );
    const [errno, words] = ended;
    if (errno === 0) return { outcome: 'open', socket };
    const { outcome, how } = OUTCOMES[errno] ?? { outcome: 'unreachable', how: `: ${words}` };
    return { outcome, detail: outcome === 'unresolved' ? words : `${place}${how}` };
  } finally {
    over.removeEventListener('abort', hangUp);
  }
}

/** What came through a connection to agent/dial.pl. As a socket of Node's it ends its own side when the other one ends. */
class DialledSocket extends Duplex {
  /** An error number, 0 once it is open, and words; undefined when the connection to the container was lost before that was told. */
  readonly outcome: Promise<readonly [number, string] | undefined>;
  readonly #connection: Duplex;
  #ended = false;

  constructor(connection: Duplex) {
    super({ allowHalfOpen: false });
    this.#connection = connection;
    const { promise, resolve } = Promise.withResolvers<readonly [number, string] | undefined>();
    this.outcome = promise;
    const read = packetReader(MAX_PACKET, (type, bytes) => {
      if (type === 1) {
        if (!this.push(bytes)) connection.pause();
      } else if (type === 2) {
        const [, errno = '110', words = ''] = /^(-?\d+) (.*)$/s.exec(String(bytes)) ?? [];
        resolve([Number(errno), words]);
      } else if (type === 3) {
        this.#ended = true;
        this.push(null);
      } else {
        this.#lose();
      }
    });
    connection.on('data', (chunk: Buffer) => {
      try {
        read(chunk);
      } catch {
        this.#lose(); // no packet: somebody who is root there meddled
      }
    });
    connection.once('close', () => {
      resolve(undefined);
      if (!this.#ended) this.#lose();
    });
    this.on('error', () => undefined); // whoever has no ear for it sees the end
  }

  override _read(): void {
    this.#connection.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    for (let at = 0; at < chunk.length; at += PIECE) {
      const isLast = at + PIECE >= chunk.length;
      this.#connection.write(encodePacket(0, chunk.subarray(at, at + PIECE)), isLast ? done : undefined);
    }
    if (chunk.length === 0) done();
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#connection.write(encodePacket(1, ''), done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#connection.destroy();
    done(error);
  }

  #lose(): void {
    this.destroy(Object.assign(new Error('the connection was reset'), { code: 'ECONNRESET' }));
  }
}
