import type { CommandCall } from '../../hosts/simulated-host.ts';
import type { ModelContext } from './model.ts';

/** The container in which somebody runs a program of its image. */
export interface ProgramContext extends Pick<
  ModelContext,
  'tag' | 'env' | 'files' | 'uid' | 'now' | 'resolve' | 'dial'
> {
  /** The image's own server, while it is what the container runs. */
  readonly server: OwnServer | undefined;
}

export interface OwnServer {
  /** Reads its configuration again; resolves when it has. */
  reload(): Promise<void>;
  /** Ends, and its container with it. */
  stop(): void;
}

/** A program of an image beside its server, run by hand: `nginx -t`, `redis-cli`. Gives its exit status; never rejects for what a learner does. */
export type ImageProgram = (call: CommandCall, context: ProgramContext) => Promise<number>;
