import type { Architecture } from './kernel-numbers.ts';
import { smallElf } from './small-elf.ts';

/** `ppoll(NULL, 0, NULL, NULL)` for ever: what waits without end on both architectures, which number it 271 and 73. */
const WAIT: Readonly<Record<Architecture, string>> = {
  // xor edi, edi; xor esi, esi; xor edx, edx; xor r10d, r10d; mov eax, 271; syscall; jmp to the first
  x64: '31ff 31f6 31d2 4531d2 b80f010000 0f05 ebee',
  // mov x0, 0; mov x1, 0; mov x2, 0; mov x3, 0; mov x8, 73; svc 0; b to the first
  arm64: '000080d2 010080d2 020080d2 030080d2 280980d2 010000d4 faffff17',
};

/**
 * Process 1 of a host: a program that waits for ever, as Kubernetes's pause container does, in a tenth of the memory of one that needs the
 * C library.
 */
export const initProgram = (architecture: Architecture): Buffer =>
  smallElf(architecture, Buffer.from(WAIT[architecture].replaceAll(' ', ''), 'hex'));
