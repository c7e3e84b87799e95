import type { Socket } from 'node:net';
import { constants } from 'node:os';
import type { DialResult } from '../../cluster.ts';

const { ECONNREFUSED, ECONNRESET, ETIMEDOUT } = constants.errno;

/** What came of a connection: a socket, the number of the system's error, or undefined when nothing came in time. `what` is for people. */
export function dialResult(result: Socket | number | undefined, what: string): DialResult {
  if (result === undefined || result === ETIMEDOUT) return { outcome: 'timeout', detail: `${what} did not answer` };
  if (typeof result !== 'number') return { outcome: 'open', socket: result };
  if (result === ECONNREFUSED || result === ECONNRESET) return { outcome: 'refused', detail: `${what} refused` };
  return { outcome: 'unreachable', detail: `${what}: ${errorName(result)}` };
}

function errorName(errno: number): string {
  return Object.entries(constants.errno).find(([, number]) => number === errno)?.[0] ?? `error ${errno}`;
}
