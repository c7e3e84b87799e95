import type { Architecture } from './kernel-numbers.ts';

/** `e_machine` of elf(5). */
const MACHINES: Readonly<Record<Architecture, number>> = { x64: 62, arm64: 183 };
/** Where it lies in memory: a multiple of every page size. */
const ADDRESS = 0x400000n;
const HEADER = 64;
const SEGMENT = 56;

/**
 * A program file that is nothing but its instructions, which begin at the first and may lie anywhere, and read-only data behind them. It
 * needs no C library, so that a process of it is a few pages. The layout is ELF64's, little endian (elf(5)).
 */
export function smallElf(architecture: Architecture, text: Uint8Array): Buffer {
  const begin = HEADER + 2 * SEGMENT;
  const file = Buffer.concat([Buffer.alloc(begin), text]);
  file.write('\u007fELF\u0002\u0001\u0001', 'latin1');
  file.writeUInt16LE(2, 16); // an executable at a fixed address
  file.writeUInt16LE(MACHINES[architecture], 18);
  file.writeUInt32LE(1, 20);
  file.writeBigUInt64LE(ADDRESS + BigInt(begin), 24); // where it begins
  file.writeBigUInt64LE(BigInt(HEADER), 32); // where the segments are told
  file.writeUInt16LE(HEADER, 52);
  file.writeUInt16LE(SEGMENT, 54);
  file.writeUInt16LE(2, 56);
  // The file itself, to be read and executed.
  file.writeUInt32LE(1, HEADER);
  file.writeUInt32LE(5, HEADER + 4);
  file.writeBigUInt64LE(ADDRESS, HEADER + 16);
  file.writeBigUInt64LE(ADDRESS, HEADER + 24);
  file.writeBigUInt64LE(BigInt(file.length), HEADER + 32);
  file.writeBigUInt64LE(BigInt(file.length), HEADER + 40);
  file.writeBigUInt64LE(0x10000n, HEADER + 48);
  // PT_GNU_STACK: a stack that is not to be executed.
  file.writeUInt32LE(0x6474e551, HEADER + SEGMENT);
  file.writeUInt32LE(6, HEADER + SEGMENT + 4);
  return file;
}
