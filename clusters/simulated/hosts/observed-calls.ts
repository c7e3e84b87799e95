import { ALLOW, encode, give, jumpIfEqual, load, type Instruction } from './filter-program.ts';
import { systemCallNumber, type Architecture, type SystemCall } from './kernel-numbers.ts';

/** Calls of a container that wait for the observer (agent/observer.pl): those that start a program, open a file or make a connection. */
export const OBSERVED: readonly SystemCall[] = ['connect', 'creat', 'execve', 'execveat', 'open', 'openat', 'openat2'];

/** Calls that wait too where AppArmor's rules deny paths (agent/denied.pl): those that change what folders hold. */
export const CHANGING: readonly SystemCall[] = [
  'chmod',
  'chown',
  'fchmodat',
  'fchmodat2',
  'fchownat',
  'lchown',
  'link',
  'linkat',
  'mkdir',
  'mkdirat',
  'mknod',
  'mknodat',
  'rename',
  'renameat',
  'renameat2',
  'rmdir',
  'symlink',
  'symlinkat',
  'truncate',
  'unlink',
  'unlinkat',
];

/** `SECCOMP_RET_USER_NOTIF` (include/uapi/linux/seccomp.h). */
const ASK = 0x7fc00000;

/** The seccomp program behind the observer, `struct sock_filter[]`. Runs beside the lab's own filter, which knows the architecture. */
export function observedCallsFilter(architecture: Architecture, calls: readonly SystemCall[]): Buffer {
  const program: Instruction[] = [load(0)];
  for (const call of calls) {
    const number = systemCallNumber(call, architecture);
    if (number !== undefined) program.push(jumpIfEqual(number, 0, 1), give(ASK));
  }
  program.push(give(ALLOW));
  return encode(program);
}
