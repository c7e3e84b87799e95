import { TerminalServerFrame, type TerminalClientFrame } from '../../../protocol/terminal.ts';
import { AckCounter } from './ack-counter.ts';
import { KeyQueue } from './key-queue.ts';
import { reconnectDelay } from './reconnect-delay.ts';
import { RESET_SCREEN, exitNotice } from './screen-notices.ts';

/** Bytes in the browser's own send buffer at which a paste waits; enough to keep loopback and a slow line busy. */
const SEND_AHEAD = 128 * 1024;
/** Milliseconds after which a paste looks at that buffer again; a WebSocket has no event for it. */
const SEND_AGAIN = 8;
/** Milliseconds over which sizes are gathered while the learner drags the split. */
const SIZE_PAUSE = 60;
/** Milliseconds: a connection that lasted longer was a good one, and its loss is answered at once. */
const GOOD_CONNECTION = 2_000;

export type SessionState =
  | { readonly state: 'connecting' }
  | { readonly state: 'open' }
  /** A new socket is opened by itself. */
  | { readonly state: 'waiting'; readonly message: string }
  | { readonly state: 'exited'; readonly code: number }
  /** The server will not have it; only the learner can try again. */
  | { readonly state: 'refused'; readonly message: string };

export interface ScreenSize {
  readonly cols: number;
  readonly rows: number;
}

/** What a session needs of a terminal emulator. Writes are drawn in order; `drawn` is called when one is on the screen. */
export interface Screen {
  write(output: Uint8Array | string, drawn?: () => void): void;
}

/** What a session needs of the browser; passed in, so that tests decide about time and chance. */
export interface Surroundings {
  openSocket(size: ScreenSize): WebSocket;
  /** Calls back once after so many milliseconds; returns how to cancel that. */
  later(milliseconds: number, callback: () => void): () => void;
  now(): number;
  random(): number;
}

export interface SessionEvents {
  onState(state: SessionState): void;
  /** New output, not counting a screen that was restored. */
  onOutput(): void;
}

/**
 * One shell in one tab: the socket, its frames (protocol/terminal.ts), acknowledgements, pastes and reconnection. It
 * knows nothing of React or of how the screen is drawn. The shell lives on the server: losing the socket loses nothing.
 */
export class TerminalSession {
  readonly #screen: Screen;
  readonly #around: Surroundings;
  readonly #events: SessionEvents;
  readonly #keys = new KeyQueue();
  #state: SessionState = { state: 'connecting' };
  #size: ScreenSize;
  #sizeAtServer: ScreenSize | undefined;
  #socket: WebSocket | undefined;
  #attempt = 0;
  #openedAt: number | undefined;
  #cancelRetry = () => {};
  #cancelPump = () => {};
  #cancelSize: (() => void) | undefined;

  constructor(screen: Screen, size: ScreenSize, around: Surroundings, events: SessionEvents) {
    this.#screen = screen;
    this.#size = size;
    this.#around = around;
    this.#events = events;
  }

  /** Opens the socket; also for a learner who wants another try at once. */
  connect(): void {
    this.#drop();
    this.#become({ state: 'connecting' });
    this.#sizeAtServer = this.#size;
    this.#openedAt = undefined;
    const socket = this.#around.openSocket(this.#size);
    socket.binaryType = 'arraybuffer';
    this.#socket = socket;
    const acks = new AckCounter();
    let restoring = false;
    // A socket that was replaced may still speak: it is not listened to.
    const current = (handle: () => void) => () => {
      if (this.#socket === socket) handle();
    };
    socket.addEventListener(
      'open',
      current(() => this.#opened()),
    );
    socket.addEventListener(
      'close',
      current(() => this.#lost('The connection to this shell was lost.')),
    );
    socket.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
      if (this.#socket !== socket) return;
      if (data instanceof ArrayBuffer) {
        if (restoring) this.#screen.write(RESET_SCREEN);
        else this.#events.onOutput();
        restoring = false;
        this.#screen.write(new Uint8Array(data), () => {
          const bytes = acks.drawn(data.byteLength);
          if (bytes > 0 && this.#socket === socket) this.#send({ type: 'ack', bytes });
        });
        return;
      }
      restoring = this.#obey(TerminalServerFrame.parse(JSON.parse(String(data)))) || restoring;
    });
  }

  /** Tries again now instead of later, when there is reason to hope. */
  hurry(): void {
    if (this.#state.state === 'waiting') this.connect();
  }

  /** Sends keys or a paste of any size. Once the shell has ended, Enter asks for a new one. */
  type(keys: Uint8Array): void {
    if (this.#state.state === 'exited' && keys.length === 1 && keys[0] === 0x0d) this.connect();
    else if (this.#state.state === 'open') {
      this.#keys.push(keys);
      this.#pump();
    }
    // Keys for a shell that cannot be reached are dropped: they would land out of sight, in whatever runs there by then.
  }

  /** Takes the screen's new size. */
  resize(size: ScreenSize): void {
    this.#size = size;
    this.#cancelSize ??= this.#around.later(SIZE_PAUSE, () => {
      this.#cancelSize = undefined;
      this.#sendSize();
    });
  }

  /** Ends the shell, for a tab that the learner closes. */
  end(): void {
    this.#send({ type: 'close' });
    this[Symbol.dispose]();
  }

  /** Lets go of the socket; the shell lives on. */
  [Symbol.dispose](): void {
    this.#drop();
    this.#cancelSize?.();
  }

  #opened(): void {
    this.#openedAt = this.#around.now();
    this.#become({ state: 'open' });
    this.#sendSize();
  }

  /** Does what a frame says; returns whether the next binary frame restores the screen. */
  #obey(frame: TerminalServerFrame): boolean {
    switch (frame.type) {
      case 'restore':
        return true;
      case 'exit':
        this.#drop();
        this.#attempt = 0;
        this.#screen.write(exitNotice(frame.code));
        this.#become({ state: 'exited', code: frame.code });
        return false;
      case 'error':
        if (frame.retry) this.#lost(frame.message);
        else {
          this.#drop();
          this.#become({ state: 'refused', message: frame.message });
        }
        return false;
      default:
        return frame satisfies never;
    }
  }

  #lost(message: string): void {
    const unsent = this.#keys.clear();
    this.#drop();
    if (this.#openedAt !== undefined && this.#around.now() - this.#openedAt > GOOD_CONNECTION) this.#attempt = 0;
    const delay = reconnectDelay(this.#attempt++, this.#around.random());
    this.#cancelRetry = this.#around.later(delay, () => this.connect());
    const loss = unsent === 0 ? '' : ` ${unsent.toLocaleString('en')} bytes of a paste were not sent.`;
    this.#become({ state: 'waiting', message: `${message}${loss}` });
  }

  /** The one place that tells the server a size, but for the address of a new socket, which carries the first one. */
  #sendSize(): void {
    const { cols, rows } = this.#size;
    if (this.#state.state !== 'open') return;
    if (cols === this.#sizeAtServer?.cols && rows === this.#sizeAtServer.rows) return;
    this.#sizeAtServer = this.#size;
    this.#send({ type: 'resize', cols, rows });
  }

  #pump(): void {
    this.#cancelPump();
    while (this.#hasRoom()) {
      const frame = this.#keys.take();
      if (frame === undefined) return;
      this.#socket?.send(Uint8Array.from(frame));
    }
    if (!this.#keys.isEmpty) this.#cancelPump = this.#around.later(SEND_AGAIN, () => this.#pump());
  }

  #hasRoom(): boolean {
    return this.#socket?.readyState === 1 && this.#socket.bufferedAmount < SEND_AHEAD;
  }

  #send(frame: TerminalClientFrame): void {
    if (this.#socket?.readyState === 1) this.#socket.send(JSON.stringify(frame));
  }

  #drop(): void {
    this.#cancelRetry();
    this.#cancelPump();
    this.#keys.clear();
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close();
  }

  #become(state: SessionState): void {
    this.#state = state;
    this.#events.onState(state);
  }
}
