import { connect, type TLSSocket } from 'node:tls';
import type { ApiBenchTarget } from './api.ts';
import type { MalformedRequest } from './malformed-requests.ts';

export interface FuzzOutcome {
  /** Answers by status; 0 where the connection ended without one. */
  readonly statuses: ReadonlyMap<number, number>;
  /** How many were answered as internal errors. */
  readonly broken: number;
  /** The first of those, with the kind of request that got them. */
  readonly surprises: readonly string[];
  /** Milliseconds a request. */
  readonly took: readonly number[];
}

/** Longest wait for one answer, milliseconds: a request that gets none is a hang. */
const PATIENCE_MS = 20_000;

/** Sends so many requests over so many connections, each of which waits for its answers. Rejects when an answer does not come. */
export async function fuzz(
  target: ApiBenchTarget,
  requests: Iterator<MalformedRequest>,
  { count, connections }: { count: number; connections: number },
): Promise<FuzzOutcome> {
  const statuses = new Map<number, number>();
  const surprises: string[] = [];
  const took: number[] = [];
  let broken = 0;
  let left = count;
  const work = async (): Promise<void> => {
    let socket: TLSSocket | undefined;
    while (left-- > 0) {
      const { kind, bytes, halfClosed } = requests.next().value as MalformedRequest;
      if (!socket || socket.destroyed || !socket.writable) socket = await open(target);
      const sent = performance.now();
      const { status, body, ended } = await exchange(socket, bytes, halfClosed);
      took.push(performance.now() - sent);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      // Upstream answers some bad applies with a 500 in words of its own; these are the words of a broken server.
      if (status === 500 && body.includes('Internal error occurred')) {
        broken++;
        if (surprises.length < 20) surprises.push(`${kind}: ${body.slice(0, 300)}`);
      }
      if (ended) {
        socket.destroy();
        socket = undefined;
      }
    }
    socket?.destroy();
  };
  await Promise.all(Array.from({ length: connections }, work));
  return { statuses, broken, surprises, took };
}

function open({ port, certificateAuthority: ca, certificate: cert, key }: ApiBenchTarget): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, ca, cert, key, ALPNProtocols: ['http/1.1'] }, () => {
      socket.off('error', reject);
      socket.on('error', () => socket.destroy());
      resolve(socket);
    });
    socket.once('error', reject);
  });
}

interface Answer {
  readonly status: number;
  readonly body: string;
  /** Whether the connection is of no more use. */
  readonly ended: boolean;
}

function exchange(socket: TLSSocket, bytes: Buffer, halfClosed: boolean): Promise<Answer> {
  return new Promise((resolve, reject) => {
    let text = '';
    const finish = (ended: boolean): void => {
      clearTimeout(patience);
      socket.off('data', read);
      socket.off('close', closed);
      const end = text.indexOf('\r\n\r\n');
      resolve({ status: Number(text.slice(9, 12)) || 0, body: text.slice(end + 4), ended });
    };
    const read = (chunk: Buffer): void => {
      text += chunk.toString('latin1');
      const end = text.indexOf('\r\n\r\n');
      if (end < 0) return;
      const length = /\r\ncontent-length: (\d+)/i.exec(text)?.[1];
      const bodiless = bytes.subarray(0, 5).toString() === 'HEAD ' || text.startsWith('HTTP/1.1 304');
      if (!bodiless && (length === undefined || text.length < end + 4 + Number(length))) return;
      finish(halfClosed || bodiless || /\r\nconnection: close/i.test(text.slice(0, end)));
    };
    const closed = (): void => finish(true);
    const patience = setTimeout(
      () => reject(new Error(`no answer to ${bytes.subarray(0, 300).toString('latin1')}`)),
      PATIENCE_MS,
    );
    socket.on('data', read);
    socket.once('close', closed);
    if (halfClosed) socket.end(bytes);
    else socket.write(bytes);
  });
}
