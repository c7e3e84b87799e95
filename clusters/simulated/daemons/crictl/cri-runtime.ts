import type { Line } from '../../pods/log-ring.ts';
import type { StartedContainer } from '../../pods/real-container.ts';

/** The node's container runtime as the CRI tells of it (kubernetes/cri-api, runtime/v1/api.proto), asked on every call. */
export interface CriRuntime {
  sandboxes(): Promise<readonly CriSandbox[]>;
  containers(): Promise<readonly CriContainer[]>;
  images(): Promise<readonly CriImage[]>;
  /** What a container has written, oldest line first; with `follow` it goes on until the container or the signal ends. */
  log(container: CriContainer, follow: boolean, signal: AbortSignal): Promise<AsyncIterable<Line>>;
  /** A running container's process. Rejects with the reason why there is none to be reached. */
  process(container: CriContainer): Promise<StartedContainer>;
  /** The number that a container's first process has on the node; undefined where it has none. */
  pidOf(container: CriContainer): Promise<number | undefined>;
  /** Ends a container as `crictl stop` does: SIGTERM, and SIGKILL so many milliseconds later. Resolves when it has ended. */
  stop(container: CriContainer, patience: number): Promise<void>;
  /** Forgets an ended container. */
  remove(container: CriContainer): void;
  /** Returns the image's name with its digest. Throws `CriFailure`. */
  pull(reference: string): Promise<string>;
  /** Forgets an image that no container runs from. */
  removeImage(image: CriImage): void;
  /** It was started with these runtimes, by handler with their type. */
  configure(handlers: ReadonlyMap<string, string>): void;
}

export interface CriSandbox {
  /** 64 hexadecimal digits. */
  readonly id: string;
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  readonly attempt: number;
  readonly ready: boolean;
  readonly created: Date;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** IPv4; empty where it is the node's. */
  readonly address: string;
  /** By which its RuntimeClass names a runtime; empty for the usual one. */
  readonly handler: string;
}

export interface CriContainer {
  readonly id: string;
  readonly sandbox: CriSandbox;
  readonly name: string;
  /** As its pod names it. */
  readonly image: string;
  readonly imageId: string;
  /** With its digest. */
  readonly imageRef: string;
  readonly state: 'Running' | 'Exited' | 'Created';
  readonly exitCode: number;
  readonly reason: string;
  readonly message: string;
  readonly attempt: number;
  readonly created: Date;
  /** Undefined while it has not ended. */
  readonly finished: Date | undefined;
  readonly logPath: string;
  /** Of a component of the control plane, whose process the node shows as its own. */
  readonly argv?: readonly string[];
}

export interface CriImage {
  /** `sha256:` and 64 digits. */
  readonly id: string;
  /** Names with their tags. */
  readonly tags: readonly string[];
  readonly digests: readonly string[];
  readonly bytes: number;
  /** A name or a number; empty for root. */
  readonly user: string;
  /** Whether the runtime keeps it whatever happens: that of its sandboxes. */
  readonly pinned: boolean;
}

/** What containerd answers when it does not do what it is asked, with the gRPC code that it has. */
export class CriFailure extends Error {
  override readonly name = 'CriFailure';
  constructor(code: 'NotFound' | 'InvalidArgument' | 'Unknown', description: string) {
    super(`rpc error: code = ${code} desc = ${description}`);
  }
}
