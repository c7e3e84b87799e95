import type { Architecture } from './kernel-numbers.ts';

interface Program {
  /** `e_machine` of elf(5). */
  readonly machine: number;
  /** `ppoll(NULL, 0, NULL, NULL)` for ever: what waits without end on both architectures, which number it 271 and 73. */
  readonly code: string;
}

const PROGRAMS: Readonly<Record<Architecture, Program>> = {
  // xor edi, edi; xor esi, esi; xor edx, edx; xor r10d, r10d; mov eax, 271; syscall; jmp to the first
  x64: { machine: 62, code: '31ff 31f6 31d2 4531d2 b80f010000 0f05 ebee' },
  // mov x0, 0; mov x1, 0; mov x2, 0; mov x3, 0; mov x8, 73; svc 0; b to the first
  arm64: { machine: 183, code: '000080d2 010080d2 020080d2 030080d2 280980d2 010000d4 faffff17' },
};

/** Where it lies in memory: a multiple of every page size. */
const ADDRESS = 0x400000n;
const HEADER = 64;
const SEGMENT = 56;

/**
 * Process 1 of a host: a program that waits for ever, as Kubernetes's pause container does, in a tenth of the memory of one that needs the
 * C library. The layout is ELF64's, little endian (elf(5)).
 */
export function initProgram(architecture: Architecture): Buffer {
  const { machine, code } = PROGRAMS[architecture];
  const text = Buffer.from(code.replaceAll(' ', ''), 'hex');
  const begin = HEADER + 2 * SEGMENT;
  const file = Buffer.concat([Buffer.alloc(begin), text]);
  file.write('\u007fELF\u0002\u0001\u0001', 'latin1');
  file.writeUInt16LE(2, 16); // an executable at a fixed address
  file.writeUInt16LE(machine, 18);
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
