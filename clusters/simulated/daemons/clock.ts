/** Time as the daemons see it; passed in, so that a test can move it. */
export interface Clock {
  now(): Date;
  /** Calls back once after that many milliseconds, unless disposed of before. */
  after(milliseconds: number, callback: () => void): Disposable;
}

/** The wall clock. Its timers never keep the process alive. */
export const wallClock: Clock = {
  now: () => new Date(),
  after: (milliseconds, callback) => {
    const timer = setTimeout(callback, milliseconds);
    timer.unref();
    return { [Symbol.dispose]: () => clearTimeout(timer) };
  },
};
