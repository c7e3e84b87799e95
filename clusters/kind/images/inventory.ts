import type { Manifest } from '../../cluster.ts';
import type { Engine } from '../docker/engine.ts';
import { readBuildContext } from './build-context.ts';
import { type ImageChoices, nodeReference } from './choices.ts';
import { findImage } from './docker-images.ts';
import { derivedReference } from './derive-image.ts';
import { missingIn } from './image-tools.ts';
import { podImages } from './pod-images.ts';
import { familiarReference } from './reference.ts';
import { findStandIn } from './stand-ins.ts';
import { DERIVED_IMAGES } from './table.ts';

/** One image that labs may need. */
export interface ImageRow {
  /** What `--image NAME=REFERENCE` calls it. */
  readonly name: string;
  /** `base`: pulled. `derived`: built from the base. `pod`: of a scenario's pods, pulled. `stand-in`: built
   * instead of one of a pod, which could not be pulled. `named`: somebody named another one. */
  readonly origin: 'base' | 'derived' | 'pod' | 'stand-in' | 'named';
  /** What Docker has it as, or would; undefined for one that is built of a base that is not here. */
  readonly reference: string | undefined;
  readonly isHere: boolean;
  /** Of the image with its layers, some of which it shares. */
  readonly bytes: number;
  /** Debian packages that could not be installed when it was built. */
  readonly missing: readonly string[];
}

/** All images that the backend and pods of these objects need, and whether Docker has them. Pulls and builds nothing. */
export async function inventory(
  engine: Engine,
  { choices, manifests }: { readonly choices: ImageChoices; readonly manifests: readonly Manifest[] },
  signal: AbortSignal,
): Promise<readonly ImageRow[]> {
  const row = async (name: string, origin: ImageRow['origin'], reference: string | undefined): Promise<ImageRow> => {
    const found = reference === undefined ? undefined : await findImage(engine, reference, signal);
    const missing = found === undefined ? [] : missingIn(found);
    return {
      name,
      origin,
      reference: found?.reference ?? reference,
      isHere: found !== undefined,
      bytes: found?.bytes ?? 0,
      missing,
    };
  };
  const base = await findImage(engine, nodeReference(choices), signal);
  const derived = DERIVED_IMAGES.map(async (name) => {
    const named = choices.own.get(name);
    if (named !== undefined) return row(name, 'named', named);
    const reference = base && derivedReference(name, await readBuildContext(name, undefined), base);
    return row(name, 'derived', reference);
  });
  const pods = podImages(manifests, choices).map(async ({ reference, from }) => {
    const name = familiarReference(reference);
    if (choices.pods.has(reference)) return row(name, 'named', from);
    const own = await row(name, 'pod', from);
    const standIn = own.isHere ? undefined : await findStandIn(reference, { engine, choices, signal });
    return standIn === undefined ? own : row(name, 'stand-in', standIn.reference);
  });
  return Promise.all([
    row('node', choices.own.has('node') ? 'named' : 'base', nodeReference(choices)),
    ...derived,
    ...pods,
  ]);
}
