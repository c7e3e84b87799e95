/** Milliseconds: a server that is back is found at once, one that is gone is not hammered by a whole classroom. */
const FIRST = 250;
const LONGEST = 8_000;

/**
 * How long to wait before the next try: doubled from try to try, with up to half of it taken off at random, so that the
 * pages of a workshop do not come back in step.
 *
 * @param attempt 0 for the first try after a loss
 * @param random in [0, 1)
 * @returns milliseconds
 */
export function reconnectDelay(attempt: number, random: number): number {
  const full = Math.min(LONGEST, FIRST * 2 ** Math.min(attempt, 16));
  return Math.round(full * (1 - random / 2));
}
