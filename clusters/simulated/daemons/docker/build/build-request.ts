import { parseReference, repositoryPath } from '../../../images/image.ts';
import type { Engine } from '../engine.ts';
import type { EngineContainer } from '../engine-container.ts';
import type { EngineImage } from '../engine-images.ts';
import { EngineRefusal } from '../refusal.ts';
import type { readTar } from './read-tar.ts';
import type { StageInProgress } from './stage.ts';

export interface BuildRequest {
  readonly engine: Engine;
  /** A tar of the folder that `docker build` was given. */
  readonly context: Buffer;
  /** In the context. */
  readonly dockerfile: string;
  readonly names: readonly string[];
  readonly args: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  /** The stage to end with; the last one where it is empty. */
  readonly target: string;
  readonly now: number;
  readonly signal: AbortSignal;
  /** Hears what the build prints. */
  readonly show: (text: string) => void;
}

/** A step that failed: what dockerd says, and the status of the command that it was. */
export class BuildFailure extends Error {
  override readonly name = 'BuildFailure';
  readonly code: number;

  constructor(message: string, code: number) {
    super(message);
    this.code = code;
  }
}

/** The number of bytes that a learner may send as a context. */
export const MAX_CONTEXT_BYTES = 16 * 2 ** 20;

/** What a step has around it. */
export interface Surroundings {
  readonly request: BuildRequest;
  /** Of the context. */
  readonly members: ReturnType<typeof readTar>;
  readonly stages: readonly StageInProgress[];
  /** Of the stages, in order. */
  readonly names: readonly string[];
  readonly makeContainer: (image: EngineImage) => Promise<EngineContainer>;
}

/** An image that the engine has or can pull. */
export function imageFor(engine: Engine, reference: string, show: (text: string) => void): EngineImage {
  try {
    return engine.images.get(reference);
  } catch (error) {
    if (!(error instanceof EngineRefusal) || error.status !== 404) throw error;
    const { image } = engine.images.pull(reference);
    const tag = parseReference(reference)?.tag ?? 'latest';
    show(
      `${tag}: Pulling from ${repositoryPath(reference)}\nDigest: ${image.digest}\nStatus: Downloaded newer image for ${image.reference}\n`,
    );
    return image;
  }
}
