import { controlFrame, dataFrame, FIN, type Frame, spdyReader } from './frames.ts';
import { HeaderBlocks } from './header-blocks.ts';

/** One stream that the client has opened. */
export interface SpdyStream {
  readonly id: number;
  readonly headers: ReadonlyMap<string, string>;
  /** What the client sends; undefined is its end. Set before the stream is answered. */
  onData: (bytes: Buffer | undefined) => void;
  send(bytes: Uint8Array): void;
  /** Ends the server's half. */
  end(): void;
}

export interface SpdyTransport {
  send(bytes: Buffer): void;
  close(): void;
}

const UNHEARD: SpdyStream['onData'] = () => undefined;

/** Streams of a connection at once; kubectl opens two for a connection that it forwards. */
const MAX_STREAMS = 512;

/**
 * The server's end of a SPDY/3.1 connection as kubectl's port-forward uses it: the client opens streams, nothing is pushed. Windows
 * are not kept, as the client's library keeps none (github.com/moby/spdystream).
 */
export class SpdyConnection implements Disposable {
  readonly #transport: SpdyTransport;
  readonly #opened: (stream: SpdyStream) => void;
  readonly #blocks = new HeaderBlocks();
  readonly #streams = new Map<number, SpdyStream & { clientEnded: boolean; serverEnded: boolean }>();
  readonly #read = spdyReader((frame) => {
    this.#work = this.#work.then(() => this.#take(frame)).catch(() => this.#transport.close());
  });
  #work: Promise<void> = Promise.resolve();

  constructor(transport: SpdyTransport, opened: (stream: SpdyStream) => void) {
    this.#transport = transport;
    this.#opened = opened;
  }

  /** Bytes from the client. Whatever is not SPDY closes the connection. */
  receive(bytes: Buffer): void {
    try {
      this.#read(bytes);
    } catch {
      this.#transport.close();
    }
  }

  /** The transport has closed: every stream ends. */
  [Symbol.dispose](): void {
    for (const stream of this.#streams.values()) stream.onData(undefined);
    this.#streams.clear();
    this.#blocks[Symbol.dispose]();
  }

  async #take(frame: Frame): Promise<void> {
    switch (frame.kind) {
      case 'syn-stream':
        return this.#open(frame.bytes.readUInt32BE(0), await this.#blocks.read(frame.bytes.subarray(10)), frame.flags);
      case 'data': {
        const stream = this.#streams.get(frame.stream);
        if (frame.bytes.length > 0) stream?.onData(frame.bytes);
        if ((frame.flags & FIN) !== 0) this.#endOf(frame.stream, 'client');
        return;
      }
      case 'reset':
        this.#streams.get(frame.bytes.readUInt32BE(0))?.onData(undefined);
        this.#streams.delete(frame.bytes.readUInt32BE(0));
        return;
      case 'ping':
        this.#transport.send(controlFrame('ping', frame.bytes));
        return;
      case 'headers':
        await this.#blocks.read(frame.bytes.subarray(4)); // only to keep the compression in step
        return;
      case 'go-away':
      case 'settings':
      case 'window':
      case 'syn-reply':
        return;
      default:
        frame satisfies never;
    }
  }

  async #open(id: number, headers: ReadonlyMap<string, string>, flags: number): Promise<void> {
    if (this.#streams.size >= MAX_STREAMS) throw new RangeError('too many streams');
    const stream = {
      id,
      headers,
      clientEnded: false,
      serverEnded: false,
      onData: UNHEARD,
      send: (bytes: Uint8Array) => {
        if (!stream.serverEnded) this.#transport.send(dataFrame(id, bytes));
      },
      end: () => {
        if (stream.serverEnded) return;
        this.#transport.send(dataFrame(id, Buffer.alloc(0), FIN));
        this.#endOf(id, 'server');
      },
    };
    this.#streams.set(id, stream);
    const reply = Buffer.alloc(4);
    reply.writeUInt32BE(id);
    this.#transport.send(controlFrame('syn-reply', Buffer.concat([reply, await this.#blocks.write(new Map())])));
    this.#opened(stream);
    if ((flags & FIN) !== 0) this.#endOf(id, 'client');
  }

  #endOf(id: number, who: 'client' | 'server'): void {
    const stream = this.#streams.get(id);
    if (stream === undefined) return;
    if (who === 'client' && !stream.clientEnded) {
      stream.clientEnded = true;
      stream.onData(undefined);
    }
    if (who === 'server') stream.serverEnded = true;
    if (stream.clientEnded && stream.serverEnded) this.#streams.delete(id);
  }
}
