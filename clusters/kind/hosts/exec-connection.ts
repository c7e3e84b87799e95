import { Duplex } from 'node:stream';

/** Of what a program complains about, kept for the error that follows. */
const MAX_COMPLAINT = 4096;

const HEADER_BYTES = 8;
const STANDARD_ERROR = 2;

/**
 * The standard input and output of a program that Docker runs without a terminal. Docker sends output and error output in turn, each
 * piece behind a header: stream, three zeros, 32-bit length
 * (https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Container/operation/ContainerAttach). What is not read is not taken
 * from Docker, which then holds the program up.
 */
export class ExecConnection extends Duplex {
  readonly #raw: Duplex;
  #header = Buffer.alloc(0);
  #complaint = Buffer.alloc(0);
  #left = 0;
  #stream = 0;

  constructor(raw: Duplex) {
    super({ allowHalfOpen: false });
    this.#raw = raw;
    raw.on('data', (chunk: Buffer) => {
      if (!this.#take(chunk)) raw.pause();
    });
    raw.once('error', (error) => this.destroy(error));
    raw.once('close', () => this.push(null));
    raw.once('end', () => this.push(null));
  }

  /** The beginning of its error output. */
  get complaint(): string {
    return String(this.#complaint);
  }

  override _read(): void {
    this.#raw.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#raw.write(chunk, done);
  }

  override _final(done: () => void): void {
    this.#raw.end(done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#raw.destroy();
    done(error);
  }

  /** False when the reader has enough. */
  #take(chunk: Buffer): boolean {
    let wantsMore = true;
    for (let at = 0; at < chunk.length;) {
      if (this.#left === 0) {
        const missing = HEADER_BYTES - this.#header.length;
        this.#header = Buffer.concat([this.#header, chunk.subarray(at, at + missing)]);
        at += missing;
        if (this.#header.length < HEADER_BYTES) break;
        this.#stream = this.#header.readUInt8(0);
        this.#left = this.#header.readUInt32BE(4);
        this.#header = Buffer.alloc(0);
        continue;
      }
      const piece = chunk.subarray(at, at + this.#left);
      this.#left -= piece.length;
      at += piece.length;
      if (this.#stream !== STANDARD_ERROR) wantsMore = this.push(piece);
      else if (this.#complaint.length < MAX_COMPLAINT)
        this.#complaint = Buffer.concat([this.#complaint, piece]).subarray(0, MAX_COMPLAINT);
    }
    return wantsMore;
  }
}
