import type { Architecture } from './kernel-numbers.ts';
import { smallElf } from './small-elf.ts';

/** Each line of the program as the comment beside its x64 form says; the set is that of SIGINT, SIGQUIT and SIGTERM. */
const CODE: Readonly<Record<Architecture, readonly string[]>> = {
  x64: [
    '488d3d1e000000 31f6 31d2 41ba08000000 b880000000 0f05', // rt_sigtimedwait(set, NULL, NULL, 8)
    '85c0 7ee4', // none of them came: wait again
    '31ff b8e7000000 0f05', // exit_group(0)
    '0640000000000000', // set
  ],
  arm64: [
    '60010010 010080d2 020080d2 030180d2 281180d2 010000d4',
    '1f000071 2dffff54',
    '000080d2 c80b80d2 010000d4',
    '0640000000000000',
  ],
};

/**
 * The program file of a container whose own program is modelled: started with all signals blocked (agent/contained.pl), it waits until it is
 * asked to end, as Kubernetes's pause container does (build/pause/linux/pause.c).
 */
export const placeholderProgram = (architecture: Architecture): Buffer =>
  smallElf(architecture, Buffer.from(CODE[architecture].join('').replaceAll(' ', ''), 'hex'));
