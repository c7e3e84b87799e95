import type { Manifest } from '../../cluster.ts';
import type { ImageChoices } from './choices.ts';
import { canonicalReference, familiarReference } from './reference.ts';

/** An image that pods of a seed are made of. */
export interface PodImage {
  /** Canonical, as containerd must know it. */
  readonly reference: string;
  /** What Docker has it as, when it is another: `--image nginx:1.27=mirror/nginx:1.27`. */
  readonly from: string;
}

const CONTAINER_LISTS = ['initContainers', 'containers', 'ephemeralContainers'];

/** Which images the pods of these objects are made of, each once, in order. Looks into every pod template, wherever an object has one. */
export function podImages(manifests: readonly Manifest[], choices: ImageChoices): readonly PodImage[] {
  const found = new Map<string, PodImage>();
  for (const image of manifests.flatMap(imagesIn)) {
    const reference = canonicalReference(image);
    if (reference === undefined || found.has(reference)) continue;
    found.set(reference, { reference, from: choices.pods.get(reference) ?? familiarReference(reference) });
  }
  return [...found.values()];
}

function imagesIn(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(imagesIn);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [
    ...(CONTAINER_LISTS.includes(key) && Array.isArray(inner) ? inner.flatMap(imageOf) : []),
    ...imagesIn(inner),
  ]);
}

function imageOf(container: unknown): readonly string[] {
  const image: unknown =
    typeof container === 'object' && container !== null ? Reflect.get(container, 'image') : undefined;
  return typeof image === 'string' ? [image] : [];
}
