/** A caller's time, counted from when a connection is tried. */
export interface ConnectionTime extends Disposable {
  /** Fires when the caller gives up, but not when its time is over. */
  readonly givenUp: AbortSignal;
  /** The connection is being tried from now on: fires when it has had all the caller's time, or the caller gives up. */
  begin(): AbortSignal;
}

/**
 * What a caller grants for a connection, by a signal that fires when that is over, is not used up by reaching into the container first: on a
 * busy machine Docker takes seconds for it, and a door would be called shut on which nobody has knocked.
 */
export function connectionTime(signal: AbortSignal): ConnectionTime {
  const asked = performance.now();
  const [givenUp, over] = [new AbortController(), new AbortController()];
  let overAt: number | undefined;
  let reachingTook: number | undefined;
  let timer: NodeJS.Timeout | undefined;
  const wait = (): void => {
    if (overAt === undefined || reachingTook === undefined) return;
    timer = setTimeout(() => over.abort(signal.reason), overAt + reachingTook - performance.now());
  };
  const fired = (): void => {
    if (isTimeOver(signal.reason)) overAt = performance.now();
    else {
      givenUp.abort(signal.reason);
      over.abort(signal.reason);
    }
    wait();
  };
  if (signal.aborted) fired();
  else signal.addEventListener('abort', fired, { once: true });
  return {
    givenUp: givenUp.signal,
    begin() {
      reachingTook = performance.now() - asked;
      wait();
      return over.signal;
    },
    [Symbol.dispose]() {
      signal.removeEventListener('abort', fired);
      clearTimeout(timer);
    },
  };
}

/** Of `AbortSignal.timeout`. */
const isTimeOver = (reason: unknown): boolean => reason instanceof DOMException && reason.name === 'TimeoutError';
