import type { Clock } from '../../clock.ts';

/** First wait after a failure, doubled up to the last (client-go/util/workqueue DefaultTypedControllerRateLimiter). */
const FIRST_RETRY_MS = 5;
const LAST_RETRY_MS = 60_000;
/** Keys looked at before the process may do something else. */
const KEYS_A_TURN = 32;
/** Longer waits are cut up: timers take no more than 2^31 ms, and 31 December may be further away. */
const LONGEST_WAIT_MS = 12 * 3_600_000;

/**
 * Keys waiting to be looked at, each at most once, one at a time. A key that is added while it is being looked at is looked at
 * again. What throws is tried again later.
 */
export class WorkQueue implements Disposable {
  readonly #waiting = new Set<string>();
  readonly #timers = new Map<string, Disposable>();
  readonly #failures = new Map<string, number>();
  #running = false;
  #disposed = false;
  #idle: (() => void)[] = [];

  readonly #clock: Clock;
  readonly #work: (key: string) => Promise<number | void>;
  readonly #failed: (key: string, error: unknown) => void;

  /** `work` may return after how many milliseconds it wants to look at the key again. */
  constructor(
    clock: Clock,
    work: (key: string) => Promise<number | void>,
    failed: (key: string, error: unknown) => void,
  ) {
    this.#clock = clock;
    this.#work = work;
    this.#failed = failed;
  }

  add(key: string): void {
    if (this.#disposed) return;
    this.#waiting.add(key);
    if (this.#running) return;
    this.#running = true;
    queueMicrotask(() => void this.#drain());
  }

  /** Resolves once nothing is waiting or under way; timers do not count. */
  idle(): Promise<void> {
    return this.#running ? new Promise((resolve) => this.#idle.push(resolve)) : Promise.resolve();
  }

  get isIdle(): boolean {
    return !this.#running;
  }

  async #drain(): Promise<void> {
    let turn = 0;
    for (const key of this.#waiting) {
      this.#waiting.delete(key);
      await this.#once(key);
      if (this.#disposed) break;
      // Loops that keep each other busy must not keep requests and signals from being heard.
      if (++turn % KEYS_A_TURN === 0) await new Promise((resume) => setImmediate(resume));
    }
    this.#running = false;
    const idle = this.#idle;
    this.#idle = [];
    for (const resolve of idle) resolve();
  }

  async #once(key: string): Promise<void> {
    try {
      const again = await this.#work(key);
      this.#failures.delete(key);
      if (typeof again === 'number') this.#later(key, again);
    } catch (error) {
      const failures = this.#failures.get(key) ?? 0;
      this.#failures.set(key, failures + 1);
      this.#failed(key, error);
      this.#later(key, Math.min(FIRST_RETRY_MS * 2 ** failures, LAST_RETRY_MS));
    }
  }

  #later(key: string, milliseconds: number): void {
    if (this.#disposed) return;
    this.#timers.get(key)?.[Symbol.dispose]();
    const timer = this.#clock.after(Math.min(milliseconds, LONGEST_WAIT_MS), () => {
      this.#timers.delete(key);
      this.add(key);
    });
    this.#timers.set(key, timer);
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    this.#waiting.clear();
    for (const timer of this.#timers.values()) timer[Symbol.dispose]();
    this.#timers.clear();
  }
}
