import { constants, createDeflate, createInflate } from 'node:zlib';
import { DICTIONARY } from './dictionary.ts';

/** Longest compressed block of headers that is taken; port-forward's are below 100 bytes. */
const MAX_BLOCK = 4096;

/**
 * Header blocks of one SPDY connection, whose compression goes on from block to block in each direction
 * (SPDY Protocol draft 3.1, 2.6.10). Calls must not overlap.
 */
export class HeaderBlocks implements Disposable {
  readonly #inflate = createInflate({ dictionary: DICTIONARY, finishFlush: constants.Z_SYNC_FLUSH });
  readonly #deflate = createDeflate({ dictionary: DICTIONARY, flush: constants.Z_SYNC_FLUSH });

  /** Rejects for a block that is too long or not compressed as it should be. Names are in lower case. */
  async read(block: Buffer): Promise<ReadonlyMap<string, string>> {
    if (block.length > MAX_BLOCK) throw new RangeError(`a block of ${block.length} bytes of headers`);
    const plain = await through(this.#inflate, block);
    const headers = new Map<string, string>();
    let at = 4;
    const word = (): string => {
      const length = plain.readUInt32BE(at);
      if (at + 4 + length > plain.length) throw new RangeError('a header beyond its block');
      const text = plain.toString('utf8', at + 4, at + 4 + length);
      at += 4 + length;
      return text;
    };
    for (let left = plain.readUInt32BE(0); left > 0; left--) headers.set(word(), word());
    return headers;
  }

  write(headers: ReadonlyMap<string, string>): Promise<Buffer> {
    const words = [...headers].flat().flatMap((word) => [length(Buffer.byteLength(word)), Buffer.from(word)]);
    return through(this.#deflate, Buffer.concat([length(headers.size), ...words]));
  }

  [Symbol.dispose](): void {
    this.#inflate.destroy();
    this.#deflate.destroy();
  }
}

function length(number: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(number);
  return bytes;
}

function through(
  stream: ReturnType<typeof createInflate> | ReturnType<typeof createDeflate>,
  bytes: Buffer,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    stream.once('error', reject);
    stream.write(bytes, () => {
      stream.off('error', reject);
      const chunks: Buffer[] = [];
      for (let chunk = stream.read() as Buffer | null; chunk !== null; chunk = stream.read() as Buffer | null)
        chunks.push(chunk);
      resolve(Buffer.concat(chunks));
    });
  });
}
