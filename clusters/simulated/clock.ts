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
export const timestamp = (clock: Clock): string => `${new Date(clock.now()).toISOString().slice(0, 19)}Z`;
