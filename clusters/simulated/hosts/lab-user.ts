import { readFileSync } from 'node:fs';
import type { LabId } from '../../../protocol/ids.ts';

/** nobody: what a lab becomes where this machine has no numbers to spare. */
const NOBODY = 65534;

/** Far above the accounts of a machine and the ranges that tools hand out (systemd: 524288 to 1879048191). */
const FIRST = 1_900_000_000;
const COUNT = 100_000_000;

/** Numbers for the other users of a lab, a range each; after those above, within 32 bits. */
const FIRST_RANGE = 2_000_000_000;
const RANGE = 65_536;
const RANGES = 32_768;

export interface LabNumbers {
  /** The user and group that a lab's root becomes. */
  readonly root: number;
  /** The first of 65,535 for everybody else in its hosts and pods; 0 where this machine has none to spare. */
  readonly others: number;
}

/**
 * The numbers that a lab's users become when the server is root, because a lab's root must never be the machine's. Numbers of
 * its own keep the kernel's limits of a user (processes, inotify) from being shared with other labs. An ordinary server's labs run
 * as that ordinary user, and share the numbers that it has in /etc/subuid (agent/nursery.pl); this is then of no effect.
 */
export function labNumbers(lab: LabId): LabNumbers {
  // In a container with user namespaces only some numbers exist: `<inside> <outside> <count>`.
  const [inside = 0, , count = 0] = readFileSync('/proc/self/uid_map', 'utf8').trim().split(/\s+/).map(Number);
  if (inside !== 0 || count < FIRST + COUNT) return { root: NOBODY, others: 0 };
  let number = 0;
  for (const letter of lab) number = (number * 36 + Number.parseInt(letter, 36)) % COUNT;
  const others = count < FIRST_RANGE + RANGE * RANGES ? 0 : FIRST_RANGE + RANGE * (number % RANGES);
  return { root: FIRST + number, others };
}
