import { digestOf } from '../digest.ts';
import { findImage, type Image, parseReference } from '../image.ts';
import type { ImageContents } from './contents.ts';

/** What a scanner finds under a reference. */
export type FoundImage =
  /** No registry of the lab has it. */
  | { readonly outcome: 'absent' }
  /** It is there, and nobody told the lab what is in it. */
  | { readonly outcome: 'unknown' }
  | { readonly outcome: 'found'; readonly tag: string; readonly digest: string; readonly contents: ImageContents };

/** The contents under a reference by tag, or by the digest of one of its tags. */
export function findContents(images: readonly Image[], reference: string): FoundImage {
  const image = findImage(images, reference);
  const parsed = parseReference(reference);
  if (image === undefined || parsed === undefined) return { outcome: 'absent' };
  const tag =
    parsed.digest === undefined
      ? parsed.tag
      : image.tags.find((one) => digestOf(image.repository, one) === parsed.digest);
  if (tag === undefined) return { outcome: 'absent' };
  const contents = image.contents?.[tag];
  if (contents === undefined) return { outcome: 'unknown' };
  return { outcome: 'found', tag, digest: digestOf(image.repository, tag), contents };
}

/** References whose contents the lab knows, for messages: `nginx:1.27.0`. */
export const knownReferences = (images: readonly Image[]): readonly string[] =>
  images.flatMap(({ repository, contents = {} }) => Object.keys(contents).map((tag) => `${repository}:${tag}`));
