import type { Readable, Writable } from 'node:stream';
import { type RawData, WebSocket } from 'ws';
import { z } from 'zod';

/**
 * The channels of `v4.channel.k8s.io` and `v5.channel.k8s.io`, one byte before the data of each message
 * (k8s.io/apimachinery/pkg/util/remotecommand/constants.go).
 */
const STDIN = 0;
const STDOUT = 1;
const STDERR = 2;
const ERROR = 3;
const RESIZE = 4;
/** v5: the client closes a channel; the next byte says which. */
const CLOSE = 255;

export const EXEC_PROTOCOLS = ['v5.channel.k8s.io', 'v4.channel.k8s.io'] as const;

/** Bytes that wait for a slow client before its program is held up. */
const HIGH_WATER = 512 * 1024;

const Size = z.object({ Width: z.number().int().min(0).max(10_000), Height: z.number().int().min(0).max(10_000) });

/** What a session shows and takes; whatever is undefined was not asked for. */
export interface Session {
  readonly stdin: Writable | undefined;
  readonly stdout: Readable | undefined;
  readonly stderr: Readable | undefined;
  readonly resize: ((cols: number, rows: number) => void) | undefined;
}

/** The server's end of one exec or attach connection. */
export class ExecConnection {
  readonly #socket: WebSocket;
  readonly closed: Promise<void>;
  #session: Session | undefined;
  /** What came before the program was there; a client sends no more than its socket's buffer. */
  #early: [number, Buffer][] = [];

  constructor(socket: WebSocket) {
    this.#socket = socket;
    this.closed = new Promise((resolve) => socket.once('close', () => resolve()));
    socket.on('error', () => socket.terminate());
    socket.on('message', (data: RawData) => {
      const message = Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data as Buffer);
      const [channel = CLOSE] = message;
      if (this.#session === undefined) {
        if (this.#early.length < 1000) this.#early.push([channel, message.subarray(1)]);
      } else this.#take(channel, message.subarray(1));
    });
    // An empty message tells the client that the connection stands (pkg/kubelet/server/remotecommand/websocket.go).
    socket.send(Buffer.from([STDOUT]));
  }

  /** Carries a program's streams until they end or the client goes. */
  async carry(session: Session): Promise<void> {
    this.#session = session;
    for (const [channel, bytes] of this.#early) this.#take(channel, bytes);
    this.#early = [];
    session.stdin?.on('error', () => undefined); // the program reads no more
    const outputs = [this.#show(STDOUT, session.stdout), this.#show(STDERR, session.stderr)];
    await Promise.race([Promise.all(outputs), this.closed]);
  }

  /** Ends the session with the exit status of its program. */
  exit(exitCode: number): void {
    if (exitCode === 0) return this.#end({ metadata: {}, status: 'Success' });
    this.#end({
      metadata: {},
      status: 'Failure',
      message: `command terminated with non-zero exit code: command terminated with exit code ${exitCode}`,
      reason: 'NonZeroExitCode',
      details: { causes: [{ reason: 'ExitCode', message: String(exitCode) }] },
    });
  }

  /** Ends the session because there is none (apimachinery errors.NewInternalError). */
  fail(why: string): void {
    const message = `Internal error occurred: ${why}`;
    const details = { causes: [{ message: why }] };
    this.#end({ metadata: {}, status: 'Failure', message, reason: 'InternalError', details, code: 500 });
  }

  #end(status: object): void {
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    this.#socket.send(Buffer.concat([Buffer.from([ERROR]), Buffer.from(JSON.stringify(status))]));
    this.#socket.close(1000);
  }

  #take(channel: number, bytes: Buffer): void {
    const { stdin, resize } = this.#session ?? {};
    if (channel === STDIN && stdin !== undefined && stdin.writable) {
      if (!stdin.write(bytes)) {
        this.#socket.pause();
        const go = (): void => this.#socket.resume();
        stdin.once('drain', go);
        stdin.once('close', go);
      }
    } else if (channel === CLOSE && bytes[0] === STDIN) {
      stdin?.end();
    } else if (channel === RESIZE) {
      const size = Size.safeParse(jsonOf(bytes));
      if (size.success) resize?.(size.data.Width, size.data.Height);
    }
  }

  #show(channel: number, stream: Readable | undefined): Promise<void> {
    if (stream === undefined) return Promise.resolve();
    return new Promise((resolve) => {
      stream.on('data', (bytes: Buffer) => {
        if (this.#socket.readyState !== WebSocket.OPEN) return;
        const isFull = this.#socket.bufferedAmount > HIGH_WATER;
        if (isFull) stream.pause();
        this.#socket.send(Buffer.concat([Buffer.from([channel]), bytes]), () => {
          if (isFull) stream.resume();
        });
      });
      stream.once('end', () => resolve());
      stream.once('close', () => resolve());
      if (stream.readableEnded || stream.destroyed) resolve();
    });
  }
}

function jsonOf(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}
