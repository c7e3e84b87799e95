import { AUDIT_ARCHITECTURE, type Architecture } from './kernel-numbers.ts';

/** Answers of a seccomp filter (include/uapi/linux/seccomp.h). */
export const ALLOW = 0x7fff0000;
export const KILL_PROCESS = 0x80000000;
export const KILL_THREAD = 0;
export const refuse = (errno: number): number => 0x00050000 | errno;
export const trap = (errno: number): number => 0x00030000 | errno;

/** One step of a classic BPF program (`struct sock_filter`). */
export interface Instruction {
  readonly code: number;
  readonly yes: number;
  readonly no: number;
  readonly k: number;
}

/** Loads a 32-bit word of `struct seccomp_data`: 0 number, 4 architecture, 16 + 8n the low half of argument n. */
export const load = (offset: number): Instruction => ({ code: 0x20, yes: 0, no: 0, k: offset });
export const jumpIfEqual = (k: number, yes: number, no: number): Instruction => ({ code: 0x15, yes, no, k });
export const jumpIfGreater = (k: number, yes: number, no: number): Instruction => ({ code: 0x25, yes, no, k });
export const jumpIfAtLeast = (k: number, yes: number, no: number): Instruction => ({ code: 0x35, yes, no, k });
export const jumpIfAnyBit = (k: number, yes: number, no: number): Instruction => ({ code: 0x45, yes, no, k });
export const and = (k: number): Instruction => ({ code: 0x54, yes: 0, no: 0, k });
export const give = (k: number): Instruction => ({ code: 0x06, yes: 0, no: 0, k });

/** errno of a call that a kernel does not have (include/uapi/asm-generic/errno.h). */
export const ENOSYS = 38;

/** How a filter begins: a program for another architecture ends, and the number of the call is loaded for what follows. */
export const callOf = (architecture: Architecture): readonly Instruction[] => [
  load(4),
  jumpIfEqual(AUDIT_ARCHITECTURE[architecture], 1, 0),
  give(KILL_PROCESS),
  load(0),
  // The x32 calls of x86_64: the same architecture by name, other numbers. Elsewhere there are no numbers that high.
  jumpIfAtLeast(0x40000000, 0, 1),
  give(refuse(ENOSYS)),
];

/** `struct sock_filter[]` in memory order. */
export function encode(program: readonly Instruction[]): Buffer {
  const bytes = Buffer.alloc(program.length * 8);
  for (const [i, { code, yes, no, k }] of program.entries()) {
    bytes.writeUInt16LE(code, i * 8);
    bytes.writeUInt8(yes, i * 8 + 2);
    bytes.writeUInt8(no, i * 8 + 3);
    bytes.writeUInt32LE(k >>> 0, i * 8 + 4);
  }
  return bytes;
}
