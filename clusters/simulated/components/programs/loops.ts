import { type Controller, type RunningControllers, runControllers } from '../../kubernetes/controllers/controller.ts';
import type { Cluster } from '../../kubernetes/store/cluster.ts';

export interface LoopsOptions {
  readonly cluster: Cluster;
  /** Takes what they complain of. */
  readonly log: (line: string) => void;
}

/** Loops that run together, until they are stopped. */
export class Loops implements Disposable {
  readonly #options: LoopsOptions;
  #running: RunningControllers | undefined;

  constructor(options: LoopsOptions) {
    this.#options = options;
  }

  /** Starts them unless some run. */
  start(make: () => readonly Controller[]): void {
    this.#running ??= runControllers(this.#options.cluster, make(), this.#options.log);
  }

  stop(): void {
    this.#running?.[Symbol.dispose]();
    this.#running = undefined;
  }

  idle(): Promise<void> {
    return this.#running?.idle() ?? Promise.resolve();
  }

  [Symbol.dispose](): void {
    this.stop();
  }
}
