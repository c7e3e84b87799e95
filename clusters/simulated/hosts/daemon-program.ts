import type { Architecture } from './kernel-numbers.ts';
import { smallElf } from './small-elf.ts';

/** System calls by number and the set of all signals, in the order of the comment below; each line ends with what it does. */
const CODE: Readonly<Record<Architecture, readonly string[]>> = {
  x64: [
    '31ff 31f6 488d5424f0 41ba08000000 b80e000000 0f05', // rt_sigprocmask(0, NULL, sp - 16, 8)
    'f64424f140 7438', // bit 14 is clear: go to the execve
    '488d3d59000000 31f6 31d2 41ba08000000 b880000000 0f05', // rt_sigtimedwait(set, NULL, NULL, 8)
    '85c0 7ee4', // none came: wait again
    '894424f8 bf01000000 488d7424f8 ba01000000 b801000000 0f05 ebc8', // write(1, number, 1), and wait again
    '488d3d29000000 488b0424 488d742408 488d54c410 b83b000000 0f05', // execve(client, argv, envp)
    'bf7e000000 b8e7000000 0f05', // exit_group(126)
    'ffffffffffffffff', // set
  ],
  arm64: [
    '000080d2 010080d2 e24300d1 030180d2 e81080d2 010000d4',
    'e4035ff8 04027036',
    '20030010 010080d2 020080d2 030180d2 281180d2 010000d4',
    '1f000071 2dffff54',
    'e0831fb8 200080d2 e12300d1 220080d2 080880d2 010000d4 f2ffff17',
    '80010010 e30340f9 e1230091 220c038b 42200091 a81b80d2 010000d4',
    'c00f80d2 c80b80d2 010000d4',
    'ffffffffffffffff',
  ],
};

/**
 * The program file of a modelled daemon. Started for the lab, with SIGTERM blocked (agent/daemons.pl), it waits for ever and writes the
 * number of each signal that it gets to its standard output, one byte each: what the daemon makes of it is the lab's to say. Started by
 * anybody else it becomes `client`, an absolute path, with its own arguments: what the daemon's program does at a prompt.
 */
export function daemonProgram(architecture: Architecture, client: string): Buffer {
  const code = Buffer.from(CODE[architecture].join('').replaceAll(' ', ''), 'hex');
  return smallElf(architecture, Buffer.concat([code, Buffer.from(`${client}\0`)]));
}
