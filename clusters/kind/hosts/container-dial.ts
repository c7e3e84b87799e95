import { Duplex } from 'node:stream';
import type { DialResult } from '../../cluster.ts';
import { encodePacket, packetReader } from '../../keeper/packets.ts';
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
 * Connects from the container's network, after its own resolver (agent/dial.pl): its /etc/hosts, and Docker's name server. Throws
 * `LabError` when Docker or the container is gone.
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
  let connection;
  try {
    connection = await startKeeper(container, 'dial', [to, port], [signal]);
  } catch (error) {
    if (signal.aborted) return silent;
    throw error;
  }
  const socket = new DialledSocket(connection);
  const hangUp = () => connection.destroy();
  signal.addEventListener('abort', hangUp, { once: true });
  try {
    if (signal.aborted) return silent;
    const [errno, words] = await socket.outcome;
    if (errno === 0) return { outcome: 'open', socket };
    const { outcome, how } = OUTCOMES[errno] ?? { outcome: 'unreachable', how: `: ${words}` };
    return { outcome, detail: outcome === 'unresolved' ? words : `${place}${how}` };
  } finally {
    signal.removeEventListener('abort', hangUp);
  }
}

/** What came through a connection to agent/dial.pl. As a socket of Node's it ends its own side when the other one ends. */
class DialledSocket extends Duplex {
  /** An error number, 0 once it is open, and words. */
  readonly outcome: Promise<readonly [number, string]>;
  readonly #connection: Duplex;
  #ended = false;

  constructor(connection: Duplex) {
    super({ allowHalfOpen: false });
    this.#connection = connection;
    const { promise, resolve } = Promise.withResolvers<readonly [number, string]>();
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
      resolve([110, '']);
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
