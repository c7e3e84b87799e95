import type { HostName } from '../../../protocol/host.ts';
import type { Seed } from '../../cluster.ts';
import { withRelease } from './choices.ts';
import { deriveImage, type DerivationRequest } from './derive-image.ts';
import { findOrPull } from './docker-images.ts';
import { checkTools, optionalTools } from './image-tools.ts';
import { type DerivedImageName, IMAGE_OF_HOST } from './table.ts';

export interface ImagesRequest extends DerivationRequest {
  /** Its hosts say which images are needed, its files which programs must be in them. */
  readonly seed: Seed;
}

/** References that Docker has; what the seed's hosts do not need is not made. */
export type ReadyImages = ReadonlyMap<DerivedImageName, string>;

/**
 * Has every image at hand that a lab of this seed needs: pulls the node image when Docker does not have it, and builds from it what is
 * not built yet. The nodes are made of `node-prepared` (`kind create cluster --image`), also for a seed without hosts. Throws `LabError`,
 * also where the seed needs a program that could not be installed.
 */
export async function ensureImages(request: ImagesRequest): Promise<ReadyImages> {
  const hosts: readonly HostName[] = ['controlplane', ...request.seed.hosts];
  const choices = withRelease(request.choices, request.seed.cluster?.kubernetes);
  const ready = new Map<DerivedImageName, string>();
  // One after the other: they share layers, and one builder works no faster on two.
  for (const name of new Set(hosts.map((host) => IMAGE_OF_HOST[host]))) {
    const chosen = choices.own.get(name);
    const image = await (chosen === undefined
      ? deriveImage(name, { ...request, choices })
      : findOrPull({ ...request, choices, reference: chosen, name }));
    checkTools(name, image, request.seed);
    const optional = optionalTools(name, image, request.seed);
    if (optional.length > 0) request.progress(`the image ${name} lacks ${optional.join(', ')}`);
    ready.set(name, image.reference);
  }
  return ready;
}
