import type { Duplex } from 'node:stream';
import type { CommandCall } from '../../../hosts/simulated-host.ts';
import { unframe } from '../frames.ts';
import type { DockerClient } from './docker-client.ts';

export interface SessionRequest {
  readonly call: CommandCall;
  readonly client: DockerClient;
  /** The connection that was taken over. */
  readonly socket: Duplex;
  readonly tty: boolean;
  /** Whether the caller's input is for the program. */
  readonly interactive: boolean;
  /** `/containers/ID` or `/exec/ID`: what is told of the terminal's size. */
  readonly path: string;
}

/** Carries a program's streams to and from the caller until it ends them. With a terminal on both sides keys go as they are typed. */
export async function carrySession({ call, client, socket, tty, interactive, path }: SessionRequest): Promise<void> {
  const { terminal } = call;
  if (tty && terminal !== undefined) {
    const tell = (cols: number, rows: number): void =>
      void client.send('POST', `${path}/resize?h=${rows}&w=${cols}`).catch(() => undefined); // it has ended
    if (interactive) terminal.takeKeys(tell);
    tell(terminal.cols, terminal.rows);
  }
  if (interactive) {
    call.stdin.on('data', (bytes: Buffer) => {
      if (!socket.writable || socket.write(bytes)) return;
      call.stdin.pause();
      socket.once('drain', () => call.stdin.resume());
    });
    call.stdin.once('end', () => socket.end());
  }
  const gone = (): void => void socket.destroy();
  call.signal.addEventListener('abort', gone, { once: true });
  try {
    const pieces: [stream: 'stdout' | 'stderr', bytes: Buffer][] = [];
    const take = tty
      ? (bytes: Buffer) => void pieces.push(['stdout', bytes])
      : unframe((stream, bytes) => void pieces.push([stream, bytes]));
    for await (const chunk of socket as AsyncIterable<Buffer>) {
      take(chunk);
      for (const [stream, bytes] of pieces.splice(0)) await call[stream](bytes);
    }
  } catch (error) {
    if (!call.signal.aborted && (error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
  } finally {
    call.signal.removeEventListener('abort', gone);
    socket.destroy();
  }
}
