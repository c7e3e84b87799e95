import { ALLOW, encode, give, jumpIfAnyBit, jumpIfEqual, load, type Instruction } from './filter-program.ts';
import { CHANGES } from './observed-call.ts';
import { systemCallNumber, type Architecture, type SystemCall } from './kernel-numbers.ts';

/**
 * Calls that wait for the observer (agent/observer.pl): those that start a program, open a file, make a connection or change what folders
 * hold.
 */
export const OBSERVED: readonly SystemCall[] = [
  'connect',
  'creat',
  'execve',
  'execveat',
  'open',
  'openat',
  'openat2',
  ...CHANGES,
];

/** Calls that wait too where AppArmor's rules decide (agent/apparmor.pl): the rest of what changes files by their names. */
export const CHANGING: readonly SystemCall[] = ['chown', 'fchmodat2', 'fchownat', 'lchown', 'truncate'];

/** Calls that wait too where another kernel than the machine's answers them (agent/answered.pl). */
export const ANSWERED: readonly SystemCall[] = ['syslog', 'uname'];

/** `SECCOMP_RET_USER_NOTIF` (include/uapi/linux/seccomp.h). */
export const ASK = 0x7fc00000;

/** The mark of the message that brings the observer a program's calls (agent/observer.pl, `HANDED_OVER`). */
const HANDED_OVER = 0x62726c62;

/** `O_DIRECTORY` (include/uapi/asm-generic/fcntl.h, arch/arm64/include/uapi/asm/fcntl.h). */
const FOLDER: Readonly<Record<Architecture, number>> = { x64: 0o200000, arm64: 0o40000 };

/**
 * The seccomp program behind the observer, `struct sock_filter[]`. Runs beside the lab's own filter, which knows the architecture. `then`
 * decides of the calls that do not wait anyway, from the number of the call on.
 */
export function observedCallsFilter(
  architecture: Architecture,
  calls: readonly SystemCall[],
  then: readonly Instruction[] = [give(ALLOW)],
): Buffer {
  return encode(waiting(architecture, calls, then));
}

/** The same for who is logged in to a host. Folders that are listed do not wait there: `find /usr` would be four times as slow. */
export function loginCallsFilter(architecture: Architecture): Buffer {
  return encode([
    load(0),
    jumpIfEqual(systemCallNumber('openat', architecture) ?? -1, 0, 3),
    load(16 + 8 * 2),
    jumpIfAnyBit(FOLDER[architecture], 0, 1),
    give(ALLOW),
    ...waiting(architecture, OBSERVED, [give(ALLOW)]),
  ]);
}

function waiting(
  architecture: Architecture,
  calls: readonly SystemCall[],
  then: readonly Instruction[],
): readonly Instruction[] {
  const sendmsg = systemCallNumber('sendmsg', architecture) ?? -1;
  const program: Instruction[] = [
    load(0),
    jumpIfEqual(sendmsg, 0, 4),
    load(16 + 8 * 2 + 4),
    jumpIfEqual(HANDED_OVER, 0, 1),
    give(ALLOW),
    load(0),
  ];
  for (const call of calls) {
    const number = systemCallNumber(call, architecture);
    if (number !== undefined) program.push(jumpIfEqual(number, 0, 1), give(ASK));
  }
  return [...program, ...then];
}
