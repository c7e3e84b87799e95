import {
  ALLOW,
  encode,
  give,
  jumpIfAnyBit,
  jumpIfEqual,
  load,
  refuse,
  type Instruction,
} from '../hosts/filter-program.ts';
import type { Architecture } from '../hosts/kernel-numbers.ts';
import { systemCalls } from '../hosts/system-calls.ts';

const EACCES = 13;
const ENOSYS = 38;
/** O_WRONLY, O_RDWR, O_CREAT, O_TRUNC. */
const TO_WRITE = 0x1 | 0x2 | 0x40 | 0x200;

/** Calls that change a file by its name; AppArmor asks for `w` for each (security/apparmor/lsm.c). */
const CHANGING =
  'creat mkdir mkdirat mknod mknodat unlink unlinkat rmdir rename renameat renameat2 link linkat symlink symlinkat truncate chmod fchmodat fchmodat2 chown lchown fchownat'.split(
    ' ',
  );

/**
 * The program that holds a container to AppArmor's `deny /** w`: opening anything to write, devices too, and changing what folders hold is
 * refused as AppArmor refuses it. Runs after the lab's own filter, which knows the architecture.
 */
export function denyWritesFilter(architecture: Architecture): Buffer {
  const numbers = systemCalls(architecture);
  const program: Instruction[] = [load(0)];
  const answer = (name: string, ...then: readonly Instruction[]): void => {
    const number = numbers.get(name);
    if (number !== undefined) program.push(jumpIfEqual(number, 0, then.length), ...then);
  };
  const byFlags = (argument: number) => [
    load(16 + 8 * argument),
    jumpIfAnyBit(TO_WRITE, 0, 1),
    give(refuse(EACCES)),
    give(ALLOW),
  ];
  answer('open', ...byFlags(1));
  answer('openat', ...byFlags(2));
  // Its flags lie in memory, where no filter looks; C libraries fall back to openat.
  answer('openat2', give(refuse(ENOSYS)));
  for (const name of CHANGING) answer(name, give(refuse(EACCES)));
  program.push(give(ALLOW));
  return encode(program);
}
