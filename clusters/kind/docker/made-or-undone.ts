import { setTimeout as after } from 'node:timers/promises';
import { answered } from './engine.ts';

/** How long what is no longer wanted is waited for. */
const UNDO_MS = 15_000;

/**
 * Waits for something that Docker makes. Docker finishes what it has begun, whether its answer is waited for or not; so where it fails or
 * is given up, it is waited for a little longer and undone before this rejects. Undoing is best effort: whoever gives up a lab removes
 * all of it again. Throws as `answered` does.
 */
export async function madeOrUndone<T>(
  whatWasTried: string,
  signal: AbortSignal,
  ms: number,
  { making, undo }: { readonly making: Promise<T>; readonly undo: () => Promise<unknown> },
): Promise<T> {
  try {
    return await answered(whatWasTried, [signal], ms, () => making);
  } catch (error) {
    const undone = making
      .catch(() => undefined)
      .then(undo)
      .catch(() => undefined);
    await Promise.race([undone, after(UNDO_MS, undefined, { ref: false })]);
    throw error;
  }
}
