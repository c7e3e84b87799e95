import { finished } from 'node:stream/promises';
import type { WebSocket } from 'ws';
import type { Shell } from '../../clusters/cluster.ts';
import { type KeyBudget, KeyQueue } from './key-queue.ts';
import { OutputBatcher } from './output-batcher.ts';
import { ScreenRecorder } from './screen-recorder.ts';
import { isTerminalReply } from './terminal-reply.ts';
import { type CloseReason, type Size, Viewer } from './viewer.ts';

/** Above this pages are not read until the shell has taken keys, unless output waits for their acks. */
const KEYS_SOFT_BYTES = 256 * 1024;
/** How long one page may hold up another. */
const STALL_MS = 10_000;
/** How long nobody must watch until the recorder rests. */
const REST_MS = 60_000;
/** An exit status comes a moment after the end of the output, or never when the connection to the shell was lost. */
const STATUS_MS = 2_000;

/** A peer that says nothing between two pings is dead. */
const PING_MS = 20_000;

/** In milliseconds; the defaults are above. */
export interface BridgeTimes {
  readonly stallMs?: number;
  readonly restMs?: number;
  readonly pingMs?: number;
}

export interface BridgeParts {
  readonly shell: Shell;
  readonly size: Size;
  readonly budget: KeyBudget;
  /** Called whenever somebody types. */
  readonly onTyped?: () => void;
  /** Hears of what was not foreseen and does not end the terminal. */
  readonly onFault: (cause: unknown) => void;
  readonly times?: BridgeTimes;
}

/**
 * One shell and the pages that show it. All of them see all output; the one that last came, typed or resized sets the size.
 * The slowest page sets the pace, but one that stands still is let go when it holds up another.
 */
export class Bridge {
  readonly #shell: Shell;
  readonly #times: Required<BridgeTimes>;
  readonly #onFault: (cause: unknown) => void;
  readonly #onTyped: () => void;
  readonly #viewers = new Set<Viewer>();
  readonly #stalls = new Map<Viewer, NodeJS.Timeout>();
  readonly #screen: ScreenRecorder;
  readonly #batcher = new OutputBatcher((frame) => this.#broadcast(frame));
  readonly #keys: KeyQueue;
  #size: Size;
  #leader: Viewer | undefined;
  #rest: NodeJS.Timeout | undefined;
  #over = false;
  /** Resolves when the shell has ended or the bridge has let go of it. */
  readonly ended: Promise<void>;

  constructor({ shell, size, budget, onFault, onTyped = () => {}, times }: BridgeParts) {
    this.#shell = shell;
    this.#size = size;
    this.#onFault = onFault;
    this.#onTyped = onTyped;
    this.#times = { stallMs: STALL_MS, restMs: REST_MS, pingMs: PING_MS, ...times };
    this.#screen = new ScreenRecorder(size.cols, size.rows);
    this.#keys = new KeyQueue({
      write: (keys) => shell.write(keys),
      onTaken: () => this.#regulate(),
      onLost: () => shell.output.destroy(),
      budget,
    });
    shell.output.on('data', (chunk: Buffer) => this.#batcher.push(chunk));
    this.ended = this.#untilEnd();
  }

  get attached(): number {
    return this.#viewers.size;
  }

  /** Whether the bridge has let go of its shell, and shows nothing any more. */
  get over(): boolean {
    return this.#over;
  }

  /** Whether the shell's output is being held back. */
  get paused(): boolean {
    return this.#shell.output.isPaused();
  }

  /** Shows the shell on one more page, whose socket must be paused. */
  attach(socket: WebSocket, size: Size): void {
    const shell = this.#shell;
    const viewer = new Viewer(socket, size, {
      pingMs: this.#times.pingMs,
      onKeys: (from, keys) => this.#type(from, keys),
      onSize: (from) => this.#lead(from),
      onFlow: (of) => this.#onFlow(of),
      // Its exit comes the usual way, and to every page.
      onDone: () => void shell.kill().catch(() => shell.output.destroy()),
      onGone: (gone) => this.#onGone(gone),
    });
    clearTimeout(this.#rest);
    this.#batcher.flush();
    this.#viewers.add(viewer);
    this.#lead(viewer);
    if (!this.#screen.blank) {
      viewer.hold();
      void this.#restore(viewer);
    }
    this.#regulate();
  }

  /** Lets go of the shell and tells the pages why. `kill` ends the shell too. */
  async close(message: string, options: { retry: boolean; close: CloseReason; kill?: boolean }): Promise<void> {
    if (this.#finish()) {
      for (const viewer of this.#viewers) viewer.fail(message, options);
    }
    if (options.kill === true) await this.#shell.kill();
    await this.#shell[Symbol.asyncDispose]();
  }

  #type(from: Viewer, keys: Buffer): void {
    const led = this.#leader !== undefined && this.#leader !== from;
    if (led && isTerminalReply(keys)) return;
    if (!isTerminalReply(keys)) this.#onTyped();
    this.#lead(from);
    if (!this.#keys.push(keys)) {
      from.fail('Keys came faster than the program reads them; they are dropped.', { retry: true, close: 'policy' });
    }
    this.#regulate();
  }

  #lead(viewer: Viewer): void {
    this.#leader = viewer;
    const { cols, rows } = viewer.size;
    if (cols === this.#size.cols && rows === this.#size.rows) return;
    this.#size = viewer.size;
    this.#screen.resize(cols, rows);
    this.#shell.resize(cols, rows);
  }

  async #restore(viewer: Viewer): Promise<void> {
    try {
      viewer.restore(await this.#screen.snapshot());
    } catch (cause) {
      this.#onFault(cause);
      viewer.restore(Buffer.alloc(0));
    }
  }

  #broadcast(frame: Buffer): void {
    this.#screen.record(frame);
    for (const viewer of this.#viewers) viewer.show(frame);
  }

  /**
   * Output waits for every page. Pages wait for the shell to take their keys, except those whose acks output is waiting for: reading
   * neither would leave a program that echoes a long paste stuck for ever.
   */
  #regulate(): void {
    if (this.#over) return;
    const waiting = [...this.#viewers].some((viewer) => viewer.paused);
    if (waiting !== this.#shell.output.isPaused()) {
      if (waiting) this.#shell.output.pause();
      else this.#shell.output.resume();
    }
    for (const viewer of this.#viewers) {
      if (this.#keys.bytes > KEYS_SOFT_BYTES && !viewer.paused) viewer.hush();
      else viewer.listen();
    }
  }

  #onFlow(viewer: Viewer): void {
    clearTimeout(this.#stalls.get(viewer));
    this.#stalls.delete(viewer);
    if (viewer.paused) this.#stalls.set(viewer, setTimeout(() => this.#onStall(viewer), this.#times.stallMs).unref());
    this.#regulate();
  }

  #onStall(viewer: Viewer): void {
    if ([...this.#viewers].every((other) => other.paused)) return this.#onFlow(viewer);
    viewer.fail('This page does not keep up with another one that shows the same terminal.', {
      retry: true,
      close: 'policy',
    });
    this.#onGone(viewer);
  }

  #onGone(viewer: Viewer): void {
    if (!this.#viewers.delete(viewer)) return;
    clearTimeout(this.#stalls.get(viewer));
    this.#stalls.delete(viewer);
    if (this.#leader === viewer) this.#leader = undefined;
    if (this.#viewers.size === 0 && !this.#over) {
      this.#rest = setTimeout(() => void this.#screen.rest().catch(this.#onFault), this.#times.restMs).unref();
    }
    this.#regulate();
  }

  async #untilEnd(): Promise<void> {
    // An error of the stream means that the shell is lost, as does an end without a status.
    await finished(this.#shell.output, { writable: false }).catch(() => {});
    const timer = Promise.withResolvers<undefined>();
    const timeout = setTimeout(() => timer.resolve(undefined), STATUS_MS);
    const code = await Promise.race([this.#exitStatus(), timer.promise]);
    clearTimeout(timeout);
    if (!this.#finish()) return;
    for (const viewer of this.#viewers) {
      if (code !== undefined) viewer.exit(code);
      else viewer.fail('The connection to the shell was lost.', { retry: true, close: 'fault' });
    }
    await this.#detach();
  }

  /** Undefined when the shell could not say. */
  async #exitStatus(): Promise<number | undefined> {
    try {
      return await this.#shell.exited;
    } catch {
      return undefined;
    }
  }

  async #detach(): Promise<void> {
    try {
      await this.#shell[Symbol.asyncDispose]();
    } catch {
      // The shell is gone, and so is the wish to let go of it.
    }
  }

  /** Releases what the bridge holds, once; false when that was done before. */
  #finish(): boolean {
    if (this.#over) return false;
    this.#batcher.end();
    this.#over = true;
    this.#keys.close();
    this.#screen[Symbol.dispose]();
    clearTimeout(this.#rest);
    for (const timer of this.#stalls.values()) clearTimeout(timer);
    return true;
  }
}
