import type { ObservedCall } from './observed-call.ts';
import { observedCall } from './observed-call.ts';
import type { Observer } from './observer.ts';

/** What those who are logged in to a host do there, for whoever watches it. While nobody does, programs start without being observed. */
export class WatchedPrograms {
  readonly #observer: Observer;
  readonly #watchers = new Set<(call: ObservedCall) => void>();

  constructor(host: string, observer: Observer) {
    this.#observer = observer;
    observer.hear((name, fields) => {
      const call = name === host && this.#watchers.size > 0 ? observedCall(fields) : undefined;
      if (call !== undefined) for (const hear of this.#watchers) hear(call);
    });
  }

  hear(watcher: (call: ObservedCall) => void): Disposable {
    this.#watchers.add(watcher);
    const wish = this.#observer.wantCalls();
    return {
      [Symbol.dispose]: () => {
        this.#watchers.delete(watcher);
        wish[Symbol.dispose]();
      },
    };
  }

  /** The options of a program that is about to start, with whose it is only while somebody watches; it is observed from its first call on. */
  async launch<T extends { readonly login?: number }>({
    login,
    ...options
  }: T): Promise<Omit<T, 'login'> & { login?: number }> {
    if (login === undefined || this.#watchers.size === 0) return options;
    await this.#observer.begin();
    return { ...options, login };
  }
}
