/** Time as a lab sees it. The real clock in a lab; tests advance their own. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls back once after so many milliseconds unless disposed first. Never keeps the process alive. */
  after(milliseconds: number, callback: () => void): Disposable;
}

export const realClock: Clock = {
  now: () => Date.now(),
  after(milliseconds, callback) {
    const timer = setTimeout(callback, milliseconds).unref();
    return { [Symbol.dispose]: () => clearTimeout(timer) };
  },
};

/** RFC 3339 in whole seconds, as metav1.Time is written. */
export function timestamp(clock: Clock): string {
  const second = Math.floor(clock.now() / 1000);
  if (second !== last.second) last = { second, text: `${new Date(second * 1000).toISOString().slice(0, 19)}Z` };
  return last.text;
}

/** Every write asks several times for the same second. */
let last = { second: Number.NaN, text: '' };
