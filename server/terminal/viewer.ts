import type { WebSocket } from 'ws';
import { TERMINAL_KEYS_BYTES, TerminalClientFrame, type TerminalServerFrame } from '../../protocol/terminal.ts';
import { afterAck, afterFlush, afterSend, type Flow, IDLE_FLOW } from './flow-control.ts';

export interface Size {
  readonly cols: number;
  readonly rows: number;
}

export interface ViewerParts {
  /** Milliseconds between two pings. */
  readonly pingMs: number;
  readonly onKeys: (viewer: Viewer, keys: Buffer) => void;
  readonly onSize: (viewer: Viewer) => void;
  /** The viewer's flow was paused or goes on. */
  readonly onFlow: (viewer: Viewer) => void;
  /** The learner is done with the shell. */
  readonly onDone: () => void;
  readonly onGone: (viewer: Viewer) => void;
}

/** How long a peer may take over the closing handshake. */
const CLOSE_MS = 5_000;
/** RFC 6455, section 7.4.1. */
const CLOSE = { normal: 1000, goingAway: 1001, unsupported: 1003, policy: 1008, tooBig: 1009, fault: 1011 } as const;
export type CloseReason = keyof typeof CLOSE;

/** One page that shows a terminal: its socket, its size, its flow. Knows nothing of shells. */
export class Viewer {
  readonly #socket: WebSocket;
  readonly #events: ViewerParts;
  readonly #ping: NodeJS.Timeout;
  #size: Size;
  #flow: Flow = IDLE_FLOW;
  /** Output that came while the screen to restore was being drawn; undefined once the viewer is live. */
  #held: Buffer[] | undefined;
  #alive = true;
  #closing = false;

  /** The socket must be paused; `listen` lets it go. */
  constructor(socket: WebSocket, size: Size, events: ViewerParts) {
    this.#socket = socket;
    this.#size = size;
    this.#events = events;
    this.#ping = setInterval(() => this.#checkAlive(), events.pingMs).unref();
    socket.on('message', (data: Buffer, isBinary: boolean) => this.#receive(data, isBinary));
    socket.on('pong', () => (this.#alive = true));
    socket.on('error', () => {}); // `close` follows
    socket.on('close', () => {
      clearInterval(this.#ping);
      events.onGone(this);
    });
  }

  get size(): Size {
    return this.#size;
  }

  /** Whether output must wait for this page. */
  get paused(): boolean {
    return this.#flow.paused;
  }

  listen(): void {
    if (this.#socket.isPaused) this.#socket.resume();
  }

  /** Stops reading keys, and acks with them. */
  hush(): void {
    if (!this.#socket.isPaused) this.#socket.pause();
  }

  /** Holds output back until `restore`. */
  hold(): void {
    this.#held = [];
  }

  restore(screen: Buffer): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    if (screen.length > 0) this.#tell({ type: 'restore' });
    this.#send(screen);
    for (const frame of held) this.#send(frame, { counted: true });
  }

  show(frame: Buffer): void {
    if (this.#held === undefined) return this.#send(frame);
    this.#held.push(frame);
    this.#become(afterSend(this.#flow, frame.length));
  }

  exit(code: number): void {
    this.#tell({ type: 'exit', code });
    this.#close('normal');
  }

  fail(message: string, options: { retry: boolean; close: CloseReason }): void {
    this.#tell({ type: 'error', message, retry: options.retry });
    this.#close(options.close);
  }

  #receive(data: Buffer, isBinary: boolean): void {
    if (this.#closing) return;
    this.#alive = true;
    if (isBinary) {
      if (data.length <= TERMINAL_KEYS_BYTES) return this.#events.onKeys(this, data);
      return this.fail(`A frame of keys may hold ${TERMINAL_KEYS_BYTES} bytes.`, { retry: false, close: 'tooBig' });
    }
    const frame = parseFrame(data);
    if (frame === undefined) {
      return this.fail('The page sent a frame that this server does not know.', { retry: false, close: 'unsupported' });
    }
    switch (frame.type) {
      case 'ack':
        return this.#become(afterAck(this.#flow, frame.bytes));
      case 'resize':
        this.#size = { cols: frame.cols, rows: frame.rows };
        return this.#events.onSize(this);
      case 'close':
        return this.#events.onDone();
      default:
        return frame satisfies never;
    }
  }

  #send(frame: Buffer, { counted = false } = {}): void {
    if (this.#closing || frame.length === 0) return;
    this.#socket.send(frame, { binary: true }, () => this.#become(afterFlush(this.#flow, frame.length)));
    if (!counted) this.#become(afterSend(this.#flow, frame.length));
  }

  #tell(frame: TerminalServerFrame): void {
    if (!this.#closing) this.#socket.send(JSON.stringify(frame));
  }

  #become(flow: Flow): void {
    const changed = flow.paused !== this.#flow.paused;
    this.#flow = flow;
    if (changed && !this.#closing) this.#events.onFlow(this);
  }

  #close(reason: CloseReason): void {
    if (this.#closing) return;
    this.#closing = true;
    this.#held = undefined;
    this.listen(); // to hear the peer's half of the closing handshake
    this.#socket.close(CLOSE[reason]);
    setTimeout(() => this.#socket.terminate(), CLOSE_MS).unref();
  }

  #checkAlive(): void {
    // Nothing is heard from a socket that is not read, a pong neither; but a ping that meets a dead peer fails in time.
    if (!this.#alive && !this.#socket.isPaused) return this.#socket.terminate();
    this.#alive = this.#socket.isPaused;
    this.#socket.ping();
  }
}

function parseFrame(data: Buffer): TerminalClientFrame | undefined {
  try {
    return TerminalClientFrame.safeParse(JSON.parse(data.toString('utf8'))).data;
  } catch {
    return undefined; // not JSON
  }
}
