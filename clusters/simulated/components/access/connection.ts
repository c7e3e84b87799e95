import type { Clock } from '../../clock.ts';

export interface ConnectionOptions {
  readonly clock: Clock;
  /** Tries the way once. Resolves with a line for each refusal; without any, the way is free. */
  readonly attempt: () => Promise<readonly string[]>;
  /** Milliseconds until the next try, by how many have failed. */
  readonly wait: (failures: number) => number;
  readonly log: (line: string) => void;
  /** Told once, when the way has become free. */
  readonly opened: () => void;
}

/** A program's way to the API server: tried again until it is free, and from then on it is. */
export class Connection implements Disposable {
  readonly #options: ConnectionOptions;
  #state: 'trying' | 'open' | 'over' = 'trying';
  #failures = 0;
  #retry: Disposable | undefined;

  /** Begins to try at once. */
  constructor(options: ConnectionOptions) {
    this.#options = options;
    void this.#try();
  }

  get isOpen(): boolean {
    return this.#state === 'open';
  }

  [Symbol.dispose](): void {
    this.#state = 'over';
    this.#retry?.[Symbol.dispose]();
  }

  async #try(): Promise<void> {
    const { clock, attempt, wait, log, opened } = this.#options;
    const refusals = await attempt();
    if (this.#state !== 'trying') return;
    for (const line of refusals) log(line);
    if (refusals.length === 0) {
      this.#state = 'open';
      opened();
      return;
    }
    this.#failures += 1;
    this.#retry = clock.after(wait(this.#failures), () => void this.#try());
  }
}

/** Doubles from `first` on until it is `most`, both in milliseconds. */
export const doubling =
  (first: number, most: number) =>
  (failures: number): number =>
    Math.min(most, first * 2 ** Math.min(failures - 1, 20));
