import { readFileSync } from 'node:fs';
import type { LabId } from '../../../protocol/ids.ts';

/** nobody: what a lab becomes where this machine has no numbers to spare. */
const NOBODY = 65534;

/** Far above the accounts of a machine and the ranges that tools hand out (systemd: 524288 to 1879048191). */
const FIRST = 1_900_000_000;
const COUNT = 100_000_000;

/**
 * The user and group number that a lab becomes when the server is root, because a lab's root must never be the machine's. A number of
 * its own keeps the kernel's limits of a user (processes, inotify) from being shared with other labs. An ordinary server's labs run
 * as that ordinary user, and this is of no effect.
 */
export function labUser(lab: LabId): number {
  // In a container with user namespaces only some numbers exist: `<inside> <outside> <count>`.
  const [inside = 0, , count = 0] = readFileSync('/proc/self/uid_map', 'utf8').trim().split(/\s+/).map(Number);
  if (inside !== 0 || count < FIRST + COUNT) return NOBODY;
  let number = 0;
  for (const letter of lab) number = (number * 36 + Number.parseInt(letter, 36)) % COUNT;
  return FIRST + number;
}
