import { TERMINAL_KEYS_BYTES } from '../../../protocol/terminal.ts';

const CTRL_C = 0x03;
/** What ends a bracketed paste (invisible-island.net/xterm/ctlseqs, "Bracketed Paste Mode"). */
const PASTE_END = new Uint8Array([0x1b, 0x5b, 0x32, 0x30, 0x31, 0x7e]);

/**
 * Keys on their way to the server, cut into frames it accepts. A paste of any size waits here and leaves as fast as the
 * socket drains. Ctrl+C throws away what still waits: the learner wants the paste to stop, not to queue behind it.
 */
export class KeyQueue {
  #waiting: Uint8Array[] = [];
  #offset = 0;

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  /** Adds keys behind those that wait. */
  push(keys: Uint8Array): void {
    if (keys.length === 0) return;
    if (keys.length === 1 && keys[0] === CTRL_C) this.#interrupt();
    this.#waiting.push(keys);
  }

  /** Takes the next frame, at most TERMINAL_KEYS_BYTES long. */
  take(): Uint8Array | undefined {
    const head = this.#waiting[0];
    if (head === undefined) return undefined;
    const frame = head.subarray(this.#offset, this.#offset + TERMINAL_KEYS_BYTES);
    this.#offset += frame.length;
    if (this.#offset >= head.length) {
      this.#waiting.shift();
      this.#offset = 0;
    }
    return frame;
  }

  /** Forgets everything; returns how many bytes that were. */
  clear(): number {
    const bytes = this.#waiting.reduce((sum, keys) => sum + keys.length, 0) - this.#offset;
    this.#waiting = [];
    this.#offset = 0;
    return bytes;
  }

  #interrupt(): void {
    // A shell that has seen the start of a bracketed paste reads keys as text until it sees the end.
    const bracketed = this.#offset > 0 && endsWith(this.#waiting[0], PASTE_END);
    this.clear();
    if (bracketed) this.#waiting.push(PASTE_END);
  }
}

function endsWith(bytes: Uint8Array | undefined, end: Uint8Array): boolean {
  if (bytes === undefined || bytes.length < end.length) return false;
  return end.every((byte, i) => bytes[bytes.length - end.length + i] === byte);
}
