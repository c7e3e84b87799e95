/** Keys that all terminals of a server may hold together, whatever their programs do. */
const SERVER_MAX_BYTES = 128 * 1024 * 1024;
/** Keys that one terminal may hold: a 10 MB paste that is echoed must fit. */
const TERMINAL_MAX_BYTES = 16 * 1024 * 1024;

/** Counts the keys that wait in all terminals of a server. */
export class KeyBudget {
  bytes = 0;
}

/** The keys on their way into one shell, in order; the shell takes them as fast as its program reads. */
export class KeyQueue {
  readonly #write: (keys: Uint8Array) => Promise<void>;
  readonly #onTaken: () => void;
  readonly #onLost: (cause: unknown) => void;
  readonly #budget: KeyBudget;
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
    budget: KeyBudget;
  }) {
    this.#budget = parts.budget;
    this.#write = parts.write;
    this.#onTaken = parts.onTaken;
    this.#onLost = parts.onLost;
  }

  /** Bytes that the shell has not yet taken. */
  get bytes(): number {
    return this.#bytes;
  }

  /** False when there is no room: then these keys and all that waited are dropped, for nothing sensible follows a gap. */
  push(keys: Uint8Array): boolean {
    if (this.#closed) return true;
    if (this.#bytes + keys.length > TERMINAL_MAX_BYTES || this.#budget.bytes + keys.length > SERVER_MAX_BYTES) {
      for (const dropped of this.#waiting.splice(0)) this.#count(-dropped.length);
      return false;
    }
    this.#waiting.push(keys);
    this.#count(keys.length);
    if (!this.#writing) void this.#drain();
    return true;
  }

  close(): void {
    this.#closed = true;
    this.#waiting = [];
    this.#count(-this.#bytes);
  }

  #count(bytes: number): void {
    this.#bytes += bytes;
    this.#budget.bytes += bytes;
  }

  async #drain(): Promise<void> {
    this.#writing = true;
    try {
      for (let keys = this.#waiting.shift(); keys !== undefined; keys = this.#waiting.shift()) {
        await this.#write(keys);
        if (this.#closed) return;
        this.#count(-keys.length);
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
