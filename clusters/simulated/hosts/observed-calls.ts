import { ALLOW, encode, give, jumpIfEqual, load, type Instruction } from './filter-program.ts';
import { systemCallNumber, type Architecture, type SystemCall } from './kernel-numbers.ts';

/** Calls of a container that wait for the observer (agent/observer.pl): those that start a program, open a file or make a connection. */
const OBSERVED: readonly SystemCall[] = ['connect', 'creat', 'execve', 'execveat', 'open', 'openat', 'openat2'];

/** `SECCOMP_RET_USER_NOTIF` (include/uapi/linux/seccomp.h). */
const ASK = 0x7fc00000;

/** The seccomp program behind the observer, `struct sock_filter[]`. Runs beside the lab's own filter, which knows the architecture. */
export function observedCallsFilter(architecture: Architecture): Buffer {
  const program: Instruction[] = [load(0)];
  for (const call of OBSERVED) {
    const number = systemCallNumber(call, architecture);
    if (number !== undefined) program.push(jumpIfEqual(number, 0, 1), give(ASK));
  }
  program.push(give(ALLOW));
  return encode(program);
}
