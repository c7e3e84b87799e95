/** A control plane program that runs as a static pod. */
export interface Component {
  /** Starts with the command line of its manifest. Resolves with what it logged before it gave up, or undefined when it runs. */
  start(argv: readonly string[]): Promise<string | undefined>;
  stop(): Promise<void>;
}

/** A container of a static pod as the container runtime knows it; `crictl` and the mirror pod show it. */
export interface ComponentContainer {
  readonly id: string;
  readonly sandbox: string;
  readonly pod: string;
  readonly namespace: string;
  readonly name: string;
  readonly image: string;
  readonly attempt: number;
  readonly state: 'Running' | 'Exited';
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly finishedAt: number | undefined;
  readonly log: readonly string[];
}
