import type { Ending } from './ending.ts';
import type { Unit } from './unit.ts';

/** Signals that do nothing where nobody waits for them, and those that only stop a process, which is not modelled (signal(7)). */
const WITHOUT_EFFECT = new Set([17, 18, 20, 21, 22, 23, 28]);
const HANGUP = 1;
/** SIGINT and SIGTERM: most daemons end in order. */
const IN_ORDER: Readonly<Record<number, number>> = { 2: 0, 15: 0 };
/** Go's own answer to SIGQUIT is to show its goroutines and to exit with 2 (os/signal). */
export const GO_ENDS: Readonly<Record<number, number>> = { ...IN_ORDER, 3: 2 };

/** What a modelled daemon makes of a signal that somebody on its host has sent to its process: how it ends, unless it goes on. */
export function effectOf(
  signal: number,
  { reload, endsWith = IN_ORDER }: Pick<Unit, 'reload' | 'endsWith'>,
): Ending | 'reload' | 'none' {
  if (WITHOUT_EFFECT.has(signal)) return 'none';
  if (signal === HANGUP && reload !== undefined) return 'reload';
  const status = endsWith[signal];
  return status === undefined ? { code: 'killed', signal } : { code: 'exited', status };
}
