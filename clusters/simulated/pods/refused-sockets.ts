import { ALLOW, and, encode, give, jumpIfEqual, load, refuse, type Instruction } from '../hosts/filter-program.ts';
import { systemCallNumber, type Architecture } from '../hosts/kernel-numbers.ts';
import type { RefusedSockets } from '../tools/apparmor/sockets.ts';

const EACCES = 13;
/** Of the second argument of socket(2), beside which flags stand. */
const TYPE_MASK = 0xf;

/**
 * The program that keeps a container from making sockets which its AppArmor profile refuses (security/apparmor/lsm.c,
 * apparmor_socket_create). Runs after the lab's own filter, which knows the architecture.
 */
export function refusedSocketsFilter(architecture: Architecture, refused: readonly RefusedSockets[]): Buffer {
  const number = systemCallNumber('socket', architecture) ?? -1;
  const program: Instruction[] = [load(0), jumpIfEqual(number, 1, 0), give(ALLOW)];
  for (const { family, types } of refused) {
    const steps = [
      load(16 + 8),
      and(TYPE_MASK),
      ...types.flatMap((type) => [jumpIfEqual(type, 0, 1), give(refuse(EACCES))]),
      give(ALLOW),
    ];
    program.push(load(16), jumpIfEqual(family, 0, steps.length), ...steps);
  }
  program.push(give(ALLOW));
  return encode(program);
}
