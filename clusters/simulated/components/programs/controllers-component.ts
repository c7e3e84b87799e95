import { type Controller, type RunningControllers, runControllers } from '../../kubernetes/controllers/controller.ts';
import type { Cluster } from '../../kubernetes/store/cluster.ts';
import type { Component } from '../component.ts';

/** Loops that run as long as their static pod does. */
export class ControllersComponent implements Component {
  readonly #make: () => readonly Controller[];
  readonly #cluster: Cluster;
  readonly #log: (line: string) => void;
  readonly #opening: (controllers: readonly Controller[]) => readonly string[];
  #running: RunningControllers | undefined;

  /** `opening`: the first lines of its log, of the loops that it starts. */
  constructor(
    cluster: Cluster,
    make: () => readonly Controller[],
    log: (line: string) => void,
    opening: (controllers: readonly Controller[]) => readonly string[] = () => [],
  ) {
    this.#cluster = cluster;
    this.#make = make;
    this.#log = log;
    this.#opening = opening;
  }

  start(): Promise<undefined> {
    if (this.#running === undefined) {
      const controllers = this.#make();
      for (const line of this.#opening(controllers)) this.#log(line);
      this.#running = runControllers(this.#cluster, controllers, this.#log);
    }
    return Promise.resolve(undefined);
  }

  stop(): Promise<void> {
    this.#running?.[Symbol.dispose]();
    this.#running = undefined;
    return Promise.resolve();
  }

  idle(): Promise<void> {
    return this.#running?.idle() ?? Promise.resolve();
  }
}
