import type { Duplex, Readable, Writable } from 'node:stream';
import { frame } from '../frames.ts';
import type { Exchange } from './exchange.ts';

/** Bytes that may wait for a slow client. */
const HIGH_WATER = 256 * 1024;
/** Bytes after which a client that does not read is let go; it holds up nobody else. */
const MOST_WAITING = 16 * 2 ** 20;

/** Where a container's output goes, and where its input may come from. */
export interface Outlet {
  readonly show: (stream: 'stdout' | 'stderr', bytes: Buffer) => void;
  /** Shows all of a stream, no faster than the client reads. */
  readonly carry: (stream: 'stdout' | 'stderr', from: Readable) => Promise<void>;
  readonly input: Duplex | undefined;
  readonly end: () => void;
}

/** Opens the stream of an attach, exec or logs request: as it is for a terminal, else in frames that tell the streams apart. */
export function openOutlet({ to }: Exchange, tty: boolean): Outlet {
  const type = `application/vnd.docker.${tty ? 'raw' : 'multiplexed'}-stream`;
  let out: Writable;
  if ('socket' in to) {
    out = to.socket;
    out.write(`HTTP/1.1 101 UPGRADED\r\nContent-Type: ${type}\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n`);
  } else {
    out = to.response;
    to.response.writeHead(200, { 'content-type': type });
    to.response.flushHeaders();
  }
  out.on('error', () => undefined); // the client has gone
  const show: Outlet['show'] = (stream, bytes) => {
    if (!out.writable) return;
    out.write(tty ? bytes : frame(stream, bytes));
    if (out.writableLength > MOST_WAITING) out.destroy();
  };
  return {
    show,
    input: 'socket' in to ? to.socket : undefined,
    end: () => void out.end(),
    carry: (stream, from) =>
      new Promise((resolve) => {
        from.on('data', (bytes: Buffer) => {
          show(stream, bytes);
          if (out.writableLength <= HIGH_WATER || !out.writable) return;
          from.pause();
          out.once('drain', () => from.resume());
          out.once('close', () => from.resume());
        });
        from.once('end', () => resolve());
        from.once('close', () => resolve());
        if (from.readableEnded || from.destroyed) resolve();
      }),
  };
}
