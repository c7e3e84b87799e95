import type { HostName } from '../../../protocol/host.ts';
import type { Seed } from '../../cluster.ts';
import type { Engine } from '../docker/engine.ts';
import { bringsHelm, type BuildContext, contextTag, readBuildContext } from './build-context.ts';
import { buildImage, labelImage } from './build-image.ts';
import { type ImageChoices, nodeReference } from './choices.ts';
import { findImage, findOrPull, type FoundImage } from './docker-images.ts';
import { checkTools, MISSING_LABEL, missingIn, optionalTools } from './image-tools.ts';
import { type DerivedImageName, IMAGE_OF_HOST } from './table.ts';

export interface ImagesRequest {
  readonly engine: Engine;
  readonly choices: ImageChoices;
  /** Its hosts say which images are needed, its files which programs must be in them. */
  readonly seed: Seed;
  /** helm on this machine, for the workstation; without it the workstation has none. */
  readonly helm?: string;
  /** Build arguments: `HTTP_PROXY` and its kin, and `APT_MIRROR`, as the composition root was given them. */
  readonly buildArguments?: Readonly<Record<string, string>>;
  /** Builds anew what lacks programs. */
  readonly again?: boolean;
  readonly progress: (step: string) => void;
  readonly signal: AbortSignal;
}

/** References that Docker has; what the seed's hosts do not need is not made. */
export type ReadyImages = ReadonlyMap<DerivedImageName, string>;

const HELM_LABEL = 'io.breachlab.helm';
const IMAGE_LABEL = 'io.breachlab.image';

/**
 * Has every image at hand that a lab of this seed needs: pulls the node image when Docker does not have it, and builds from it what is
 * not built yet. The nodes are made of `node-prepared` (`kind create cluster --image`), also for a seed without hosts. Throws `LabError`,
 * also where the seed needs a program that could not be installed.
 */
export async function ensureImages(request: ImagesRequest): Promise<ReadyImages> {
  const hosts: readonly HostName[] = ['controlplane', ...request.seed.hosts];
  const ready = new Map<DerivedImageName, string>();
  // One after the other: they share layers, and one builder works no faster on two.
  for (const name of new Set(hosts.map((host) => IMAGE_OF_HOST[host]))) {
    const image = await ensureImage(name, request);
    checkTools(name, image, request.seed);
    const optional = optionalTools(name, image, request.seed);
    if (optional.length > 0) request.progress(`the image ${name} lacks ${optional.join(', ')}`);
    ready.set(name, image.reference);
  }
  return ready;
}

async function ensureImage(name: DerivedImageName, request: ImagesRequest): Promise<FoundImage> {
  const { engine, choices, progress, signal } = request;
  const chosen = choices.own.get(name);
  if (chosen !== undefined) return findOrPull({ engine, choices, reference: chosen, name, progress, signal });

  const base = await findOrPull({ engine, choices, reference: nodeReference(choices), name: 'node', progress, signal });
  const context = await readBuildContext(name, request.helm);
  const reference = derivedReference(name, context, base);
  const found = await findImage(engine, reference, signal);
  const lacksHelm = found?.labels[HELM_LABEL] === 'none' && bringsHelm(context);
  const isDegraded = request.again === true && found !== undefined && missingIn(found).length > 0;
  if (found !== undefined && !lacksHelm && !isDegraded) return found;

  progress(`building ${reference} from ${base.reference}`);
  const labels = { [IMAGE_LABEL]: name, [HELM_LABEL]: bringsHelm(context) ? 'there' : 'none' };
  const build = { engine, reference, labels, progress, signal };
  const buildArguments = { ...request.buildArguments, NODE_IMAGE: base.reference };
  const { missing } = await buildImage({ ...build, context, buildArguments });
  if (missing.length > 0) await labelImage({ ...build, labels: { ...labels, [MISSING_LABEL]: missing.join(' ') } });
  const built = await findImage(engine, reference, signal);
  if (built === undefined) throw new Error(`Docker does not know ${reference}, which it has just built`);
  return built;
}

/** The name that an image has when it is built of this context upon that base. */
export const derivedReference = (name: DerivedImageName, context: BuildContext, base: FoundImage): string =>
  `breachlab/${name}:${contextTag(context, base.layers)}`;
