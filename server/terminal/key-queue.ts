/** The keys on their way into one shell, in order; the shell takes them as fast as its program reads. */
export class KeyQueue {
  readonly #write: (keys: Uint8Array) => Promise<void>;
  readonly #onTaken: () => void;
  readonly #onLost: (cause: unknown) => void;
  #waiting: Uint8Array[] = [];
  #bytes = 0;
  #writing = false;
  #closed = false;

  constructor(parts: {
    write: (keys: Uint8Array) => Promise<void>;
    /** Called whenever `bytes` has shrunk. */
    onTaken: () => void;
    /** Called once when the shell takes no more. */
    onLost: (cause: unknown) => void;
  }) {
    this.#write = parts.write;
    this.#onTaken = parts.onTaken;
    this.#onLost = parts.onLost;
  }

  /** Bytes that the shell has not yet taken. */
  get bytes(): number {
    return this.#bytes;
  }

  push(keys: Uint8Array): void {
    if (this.#closed) return;
    this.#waiting.push(keys);
    this.#bytes += keys.length;
    if (!this.#writing) void this.#drain();
  }

  close(): void {
    this.#closed = true;
    this.#waiting = [];
    this.#bytes = 0;
  }

  async #drain(): Promise<void> {
    this.#writing = true;
    try {
      for (let keys = this.#waiting.shift(); keys !== undefined; keys = this.#waiting.shift()) {
        await this.#write(keys);
        if (this.#closed) return;
        this.#bytes -= keys.length;
        this.#onTaken();
      }
    } catch (cause) {
      if (this.#closed) return;
      this.close();
      this.#onLost(cause);
    } finally {
      this.#writing = false;
    }
  }
}
