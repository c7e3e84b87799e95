/** Bytes of output kept of one container; what came first goes first. */
const MAX_BYTES = 2 ** 20;

/** Longer lines are cut into pieces, as the container runtime's log format does. */
const MAX_LINE = 16 * 1024;

export interface Line {
  readonly stream: 'stdout' | 'stderr';
  /** Milliseconds since 1970. */
  readonly at: number;
  /** With its newline, if it had one. */
  readonly bytes: Buffer;
  /** Whether the next one goes on where this one was cut. */
  readonly isCut: boolean;
}

export interface LogQuery {
  readonly follow: boolean;
  readonly timestamps: boolean;
  readonly tailLines: number | undefined;
  /** Milliseconds since 1970. */
  readonly since: number | undefined;
  readonly limitBytes: number | undefined;
}

/** What a container has written, line by line with its time, in bounded memory. */
export class LogRing {
  readonly #now: () => number;
  readonly #lines: Line[] = [];
  readonly #partial = { stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) };
  readonly #waiting = new Set<() => void>();
  #bytes = 0;
  /** Lines that were kept once and are not any more. */
  #dropped = 0;
  #isClosed = false;

  constructor(now: () => number) {
    this.#now = now;
  }

  add(stream: 'stdout' | 'stderr', chunk: Buffer): void {
    let rest: Buffer = Buffer.concat([this.#partial[stream], chunk]);
    while (true) {
      const newline = rest.indexOf(10);
      const end = newline >= 0 && newline < MAX_LINE ? newline + 1 : rest.length > MAX_LINE ? MAX_LINE : -1;
      if (end < 0) break;
      this.#keep(stream, rest.subarray(0, end), rest[end - 1] !== 10);
      rest = rest.subarray(end);
    }
    this.#partial[stream] = Buffer.from(rest);
    this.#wake();
  }

  /** Bytes that are kept. */
  get size(): number {
    return this.#bytes;
  }

  /** The end of what was written in whole lines, in at most so many of them and bytes. */
  tail({ lines, bytes }: { readonly lines: number; readonly bytes: number }): string {
    const text = Buffer.concat(this.#lines.slice(-lines).map((line) => line.bytes));
    return text.subarray(Math.max(0, text.length - bytes)).toString('utf8');
  }

  /** The container has ended: nothing more comes. */
  close(): void {
    for (const stream of ['stdout', 'stderr'] as const) {
      if (this.#partial[stream].length > 0) this.#keep(stream, this.#partial[stream], false);
      this.#partial[stream] = Buffer.alloc(0);
    }
    this.#isClosed = true;
    this.#wake();
  }

  /** The bytes asked for, as `lines` finds them, with the time before each line if that is wanted. */
  async *read(query: LogQuery, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    let left = query.limitBytes ?? Infinity;
    if (left <= 0) return;
    for await (const line of this.lines(query, signal)) {
      const stamp = query.timestamps ? Buffer.from(`${new Date(line.at).toISOString()} `) : Buffer.alloc(0);
      const bytes = Buffer.concat([stamp, line.bytes]).subarray(0, left);
      left -= bytes.length;
      yield bytes;
      if (left <= 0) return;
    }
  }

  /** The lines asked for; with `follow` also those to come, until the container or the signal ends. */
  async *lines(query: Pick<LogQuery, 'follow' | 'since' | 'tailLines'>, signal: AbortSignal): AsyncGenerator<Line> {
    const { since = -Infinity, tailLines = Infinity } = query;
    const first = Math.max(0, this.#lines.length - tailLines);
    let next = this.#dropped + first;
    while (true) {
      for (; next < this.#dropped + this.#lines.length; next++) {
        next = Math.max(next, this.#dropped);
        const line = this.#lines[next - this.#dropped];
        if (line === undefined || line.at < since) continue;
        yield line;
      }
      if (!query.follow || this.#isClosed || signal.aborted) return;
      await this.#more(signal);
    }
  }

  #keep(stream: Line['stream'], bytes: Buffer, isCut: boolean): void {
    this.#lines.push({ stream, at: this.#now(), bytes: Buffer.from(bytes), isCut });
    this.#bytes += bytes.length;
    while (this.#bytes > MAX_BYTES) {
      this.#bytes -= this.#lines.shift()?.bytes.length ?? 0;
      this.#dropped += 1;
    }
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
  }

  #more(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        this.#waiting.delete(wake);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      this.#waiting.add(wake);
      signal.addEventListener('abort', wake, { once: true });
    });
  }
}
