import type { Engine } from '../docker/engine.ts';
import { bringsHelm, type BuildContext, contextTag, readBuildContext } from './build-context.ts';
import { buildImage, labelImage } from './build-image.ts';
import { type ImageChoices, nodeReference } from './choices.ts';
import { findImage, findOrPull, type FoundImage } from './docker-images.ts';
import { MISSING_LABEL, missingIn } from './image-tools.ts';
import type { BuiltImageName } from './table.ts';

export interface DerivationRequest {
  readonly engine: Engine;
  readonly choices: ImageChoices;
  /** helm on this machine, for the workstation; without it the workstation has none. */
  readonly helm?: string;
  /** `HTTP_PROXY` and its kin, and `APT_MIRROR`, as the composition root was given them. */
  readonly buildArguments?: Readonly<Record<string, string>>;
  /** Builds anew what lacks programs. */
  readonly again?: boolean;
  readonly progress: (step: string) => void;
  readonly signal: AbortSignal;
}

const HELM_LABEL = 'io.breachlab.helm';
const IMAGE_LABEL = 'io.breachlab.image';

/** An image as it is built from the node image, which is pulled when it is not there; built unless it is there already. Throws `LabError`. */
export async function deriveImage(name: BuiltImageName, request: DerivationRequest): Promise<FoundImage> {
  const { engine, choices, progress, signal } = request;
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
  return builtImage(engine, reference, signal);
}

/** The name that an image has when it is built of this context upon that base. */
export const derivedReference = (name: BuiltImageName, context: BuildContext, base: FoundImage): string =>
  `breachlab/${name}:${contextTag(context, base.layers)}`;

/** What has just been built under that name. */
export async function builtImage(engine: Engine, reference: string, signal: AbortSignal): Promise<FoundImage> {
  const built = await findImage(engine, reference, signal);
  if (built === undefined) throw new Error(`Docker does not know ${reference}, which it has just built`);
  return built;
}
