import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readSync } from 'node:fs';
import { readSections } from './elf.ts';

/**
 * Reads the maps that the `SwaggerDoc` methods of a Go program return out of a running copy of it: the program is started waiting
 * for its standard input, by when its package variables are filled, and read through /proc/PID/mem. Linux, x86-64, Go 1.24 or later
 * (internal/runtime/maps: swiss tables). Gives a function from a method's address to its map (field name to description).
 */
export async function withSwaggerDocs<T>(
  program: string,
  args: readonly string[],
  elf: Buffer,
  use: (docs: (method: number) => Map<string, string> | undefined) => T,
): Promise<T> {
  const text = readSections(elf).get('.text');
  if (text === undefined) throw new Error('no .text section');
  const child = spawn(program, args, { stdio: ['pipe', 'ignore', 'ignore'] });
  await once(child, 'spawn');
  // Package variables are filled within milliseconds of the start; the program then waits for ever. Run by hand only.
  await new Promise((done) => setTimeout(done, 2000));
  const memory = openSync(`/proc/${child.pid}/mem`, 'r');
  try {
    const read = (address: number, length: number): Buffer => {
      const bytes = Buffer.alloc(length);
      if (readSync(memory, bytes, 0, length, address) !== length) throw new Error('short read');
      return bytes;
    };
    return use((method) => {
      const code = method - text.address + text.offset;
      // mov rax, [rip + relative]; ret
      if (elf.readUIntBE(code, 3) !== 0x488b05 || elf[code + 7] !== 0xc3) return undefined;
      return readMap(read, Number(read(method + 7 + elf.readInt32LE(code + 3), 8).readBigUInt64LE()));
    });
  } finally {
    closeSync(memory);
    child.kill();
  }
}

const slotBytes = 32; // key and element, both strings of two words
const groupBytes = 8 + 8 * slotBytes; // control word and eight slots

function readMap(read: (address: number, length: number) => Buffer, address: number): Map<string, string> {
  const header = read(address, 32);
  const word = (bytes: Buffer, offset: number): number => Number(bytes.readBigUInt64LE(offset));
  const text = (bytes: Buffer, offset: number): string => {
    const length = word(bytes, offset + 8);
    return length === 0 ? '' : read(word(bytes, offset), length).toString();
  };
  const found = new Map<string, string>();
  const group = (start: number): void => {
    const bytes = read(start, groupBytes);
    for (let i = 0; i < 8; i++)
      if (((bytes[i] ?? 128) & 128) === 0)
        found.set(text(bytes, 8 + i * slotBytes), text(bytes, 8 + i * slotBytes + 16));
  };
  const directory = word(header, 16);
  const tables = word(header, 24);
  if (tables === 0) group(directory);
  for (let i = 0; i < tables; i++) {
    const table = read(word(read(directory + i * 8, 8), 0), 32);
    for (let g = 0; g <= word(table, 24); g++) group(word(table, 16) + g * groupBytes);
  }
  if (found.size !== word(header, 0)) throw new Error('the map is not laid out as expected');
  return found;
}
