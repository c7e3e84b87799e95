import type { HostDaemon } from '../hosts/host-daemon.ts';

/** A control plane program that runs as a static pod. */
export interface Component {
  /**
   * Starts with the command line of its manifest. Resolves with what it logged before it gave up, or undefined when it runs.
   * `log` adds a line to its container's log. It listens on its node by `daemon`, as long as there is one.
   */
  start(argv: readonly string[], log: (line: string) => void, daemon?: HostDaemon): Promise<string | undefined>;
  /** Listens on its node, which has come after it was started with that command line. */
  enter?(daemon: HostDaemon, argv: readonly string[]): Promise<void>;
  stop(): Promise<void>;
  /** The status of its answer to somebody without credentials who asks for that path; where it is not told, that of its command line. */
  statusOf?(path: string): Promise<number | undefined>;
  /** Whether something beside its flags may make it answer differently now. */
  isDoubtful?(): boolean;
}

/** etcd while nobody could reach it. */
export const WITHOUT_MACHINE: Component = { start: () => Promise.resolve(undefined), stop: () => Promise.resolve() };

/** A container of a static pod as the container runtime knows it; `crictl` and the mirror pod show it. */
export interface ComponentContainer {
  readonly id: string;
  readonly sandbox: string;
  readonly pod: string;
  readonly namespace: string;
  readonly name: string;
  readonly image: string;
  readonly argv: readonly string[];
  readonly attempt: number;
  readonly state: 'Running' | 'Exited';
  readonly exitCode: number;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly finishedAt: number | undefined;
  readonly log: readonly string[];
  /** Where the kubelet keeps the log (pkg/kubelet/kuberuntime/helpers.go, BuildContainerLogsDirectory). */
  readonly logPath: string;
}
