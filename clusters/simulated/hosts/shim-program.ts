import type { Architecture } from './kernel-numbers.ts';
import { smallElf } from './small-elf.ts';

/** Each line of the program as the comment beside its x64 form says. */
const CODE: Readonly<Record<Architecture, readonly string[]>> = {
  x64: [
    'bfffffffff 488d7424f8 31d2 4531d2 b83d000000 0f05', // wait4(-1, sp - 8, 0, NULL)
    '85c0 7e18', // no child is left: go to the exit_group
    'bf01000000 488d7424f8 ba04000000 b801000000 0f05 ebce', // write(1, status, 4), and wait again
    '31ff b8e7000000 0f05', // exit_group(0)
  ],
  arm64: [
    '00008092 e14300d1 020080d2 030080d2 882080d2 010000d4',
    '1f000071 ed000054',
    '200080d2 e14300d1 820080d2 080880d2 010000d4 f3ffff17',
    '000080d2 c80b80d2 010000d4',
  ],
};

/**
 * The program file of a container's shim, whose child the container's process is (agent/shim.pl): it waits, with all signals blocked, writes
 * each wait status to its standard output, four bytes in the machine's order, and ends with its last child.
 */
export const shimProgram = (architecture: Architecture): Buffer =>
  smallElf(architecture, Buffer.from(CODE[architecture].join('').replaceAll(' ', ''), 'hex'));
