import { TERMINAL_ACK_BYTES } from '../../../protocol/terminal.ts';

/**
 * Counts what has been drawn of one socket's output and says when to acknowledge it. What stays unacknowledged is less
 * than TERMINAL_ACK_BYTES, well below TERMINAL_RESUME_BYTES, so the server never waits for the remainder.
 */
export class AckCounter {
  #drawn = 0;

  /** Adds bytes that the terminal has drawn; returns how many to acknowledge now, or 0. */
  drawn(bytes: number): number {
    this.#drawn += bytes;
    if (this.#drawn < TERMINAL_ACK_BYTES) return 0;
    const due = this.#drawn;
    this.#drawn = 0;
    return due;
  }
}
