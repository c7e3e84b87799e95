import { createReadStream } from 'node:fs';

/**
 * A tar archive as Docker takes build contexts: regular files and folders of root's, with no times, so that equal files make equal
 * archives. https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html (ustar Interchange Format)
 */

export interface TarEntry {
  /** Relative, at most 100 bytes; ends in `/` for a folder. */
  readonly path: string;
  readonly mode: number;
  readonly content: Uint8Array | FileContent;
}

/** A file of this machine, read when its turn comes. */
export interface FileContent {
  readonly file: string;
  readonly size: number;
}

const BLOCK = 512;

export async function* packTar(entries: Iterable<TarEntry>): AsyncGenerator<Uint8Array> {
  for (const entry of entries) {
    const { content } = entry;
    const size = content instanceof Uint8Array ? content.length : content.size;
    yield tarHeader(entry, size);
    if (content instanceof Uint8Array) yield content;
    // No more than was promised: a file may grow while it is read.
    else if (size > 0)
      for await (const chunk of createReadStream(content.file, { end: size - 1 })) yield chunk as Buffer;
    yield Buffer.alloc((BLOCK - (size % BLOCK)) % BLOCK);
  }
  yield Buffer.alloc(2 * BLOCK);
}

function tarHeader({ path, mode }: TarEntry, size: number): Buffer {
  const header = Buffer.alloc(BLOCK);
  if (Buffer.byteLength(path) > 100) throw new RangeError(`longer than 100 bytes: ${path}`);
  header.write(path, 0);
  header.write(octal(mode, 8), 100);
  header.write(octal(0, 8), 108);
  header.write(octal(0, 8), 116);
  header.write(octal(size, 12), 124);
  header.write(octal(0, 12), 136);
  header.write(' '.repeat(8), 148);
  header.write(path.endsWith('/') ? '5' : '0', 156);
  header.write('ustar\u000000', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return header;
}

const octal = (number: number, width: number): string => `${number.toString(8).padStart(width - 1, '0')}\0`;

/** What a header block of a tar says; undefined for the end of the archive. Throws `RangeError` for what is no header. */
export function readTarHeader(block: Uint8Array): { readonly path: string; readonly size: number } | undefined {
  const header = Buffer.from(block.buffer, block.byteOffset, block.byteLength);
  if (header.every((byte) => byte === 0)) return undefined;
  if (header.toString('latin1', 257, 262) !== 'ustar') throw new RangeError('not a header of a tar');
  const text = (from: number, to: number): string => header.toString('utf8', from, to).replace(/\0.*$/s, '');
  const prefix = text(345, 500);
  const size = header.readUInt8(124) >= 0x80 ? Number(header.readBigUInt64BE(128)) : Number.parseInt(text(124, 136), 8);
  if (!Number.isSafeInteger(size)) throw new RangeError('not a header of a tar');
  return { path: prefix === '' ? text(0, 100) : `${prefix}/${text(0, 100)}`, size };
}
