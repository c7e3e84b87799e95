import type { Duplex } from 'node:stream';

/** What arrives on a connection, to be waited for piece by piece. */
export class Incoming {
  #pending = Buffer.alloc(0);
  #isOver = false;
  #wake: (() => void) | undefined;

  /** More than `maxBytes` that nobody takes ends the connection. */
  constructor(socket: Duplex, maxBytes: number) {
    socket.on('data', (bytes: Buffer) => {
      this.#pending = Buffer.concat([this.#pending, bytes]);
      if (this.#pending.length > maxBytes) socket.destroy();
      this.#wake?.();
    });
    const end = (): void => {
      this.#isOver = true;
      this.#wake?.();
    };
    socket.on('end', end);
    socket.on('close', end);
    socket.on('error', () => socket.destroy());
  }

  /** Takes off what `sizeOf` says, once it can say it; undefined when the connection ends before. */
  async take(sizeOf: (pending: Buffer) => number | undefined): Promise<Buffer | undefined> {
    while (true) {
      const size = sizeOf(this.#pending);
      if (size !== undefined && this.#pending.length >= size) {
        const taken = this.#pending.subarray(0, size);
        this.#pending = this.#pending.subarray(size);
        return taken;
      }
      if (this.#isOver) return undefined;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}
