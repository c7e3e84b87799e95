import { type Controller, type RunningControllers, runControllers } from '../../kubernetes/controllers/controller.ts';
import type { Cluster } from '../../kubernetes/store/cluster.ts';
import type { Connection } from '../access/connection.ts';
import type { ProgramAccess } from '../access/program-access.ts';
import type { Component } from '../component.ts';

export interface ControllersComponentOptions {
  readonly cluster: Cluster;
  readonly make: () => readonly Controller[];
  /** Takes what its loops complain of. */
  readonly log: (line: string) => void;
  /** How it comes to the API server; without, it is there. */
  readonly access?: ProgramAccess;
  /** The first lines of its log. */
  readonly greeting?: () => readonly string[];
  /** What it logs of the loops that it starts. */
  readonly started?: (controllers: readonly Controller[]) => readonly string[];
  /** Told when it has come through to the API server after it was started. */
  readonly opened?: () => void;
  /** Whether `/readyz` waits for the API server (kube-scheduler's sched-handler-sync). */
  readonly isReadyOnceOpen?: boolean;
}

/** Loops that run as long as their static pod does, from when they reach the API server. */
export class ControllersComponent implements Component {
  readonly #options: ControllersComponentOptions;
  #connection: Connection | undefined;
  #running: RunningControllers | undefined;

  constructor(options: ControllersComponentOptions) {
    this.#options = options;
  }

  async start(argv: readonly string[] = [], log = this.#options.log): Promise<string | undefined> {
    if (this.#running !== undefined) return undefined;
    const { access, greeting, opened } = this.#options;
    for (const line of greeting?.() ?? []) log(line);
    const way = await access?.open(argv, {
      log,
      opened: () => {
        this.#run();
        opened?.();
      },
    });
    if (typeof way === 'string') return way;
    this.#connection = way;
    if (way === undefined) this.#run();
    return undefined;
  }

  stop(): Promise<void> {
    this.#connection?.[Symbol.dispose]();
    this.#connection = undefined;
    this.#running?.[Symbol.dispose]();
    this.#running = undefined;
    return Promise.resolve();
  }

  isDoubtful(): boolean {
    return this.#connection?.isOpen === false;
  }

  statusOf(path: string): Promise<number | undefined> {
    const waits = this.#options.isReadyOnceOpen === true && path === '/readyz' && this.isDoubtful();
    return Promise.resolve(waits ? 500 : undefined);
  }

  idle(): Promise<void> {
    return this.#running?.idle() ?? Promise.resolve();
  }

  #run(): void {
    const { cluster, make, log, started } = this.#options;
    const controllers = make();
    for (const line of started?.(controllers) ?? []) log(line);
    this.#running = runControllers(cluster, controllers, log);
  }
}
