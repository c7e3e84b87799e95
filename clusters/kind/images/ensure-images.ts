import type { Seed } from '../../cluster.ts';
import type { Engine } from '../docker/engine.ts';
import type { ImageChoices } from './choices.ts';
import type { DerivedImageName } from './table.ts';

export interface ImagesRequest {
  readonly engine: Engine;
  readonly choices: ImageChoices;
  /** Its hosts say which images are needed, its files which programs must be in them. */
  readonly seed: Seed;
  /** helm on this machine, for the workstation; without it the workstation has none. */
  readonly helm?: string;
  /** `HTTP_PROXY` and its kin as the composition root was given them, for the builds. */
  readonly proxies?: Readonly<Record<string, string>>;
  readonly progress: (step: string) => void;
  readonly signal: AbortSignal;
}

/** References that Docker has; what the seed does not need is not made. */
export type ReadyImages = ReadonlyMap<DerivedImageName, string>;

/**
 * Has every image at hand that a lab of this seed needs: pulls the node image when Docker does not have it, and builds from it what is
 * not built yet. The nodes are made of `node-prepared` (`kind create cluster --image`). Throws `LabError`.
 */
export async function ensureImages(request: ImagesRequest): Promise<ReadyImages> {
  throw new Error(`not built yet: ${request.seed.hosts.length}`);
}
