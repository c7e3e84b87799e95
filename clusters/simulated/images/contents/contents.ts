import { findImage, type Image, parseReference } from '../image.ts';
import { digestOf } from '../digest.ts';

/**
 * The software in one tag of an image: a selection of its packages with the versions that its build had, not all of them. A tag that moves
 * is held as it was on one day, which the row tells.
 */
export interface ImageContents {
  /** Undefined for an image without a distribution, of which a scanner finds nothing to ask about. */
  readonly os: OperatingSystem | undefined;
  readonly packages: readonly Package[];
  readonly binaries: readonly GoBinary[];
}

export interface OperatingSystem {
  readonly family: 'alpine' | 'debian';
  /** `3.20.3`, `12.5`. */
  readonly version: string;
  /** The day from which its distribution publishes no more fixes, `2026-04-01`. */
  readonly endOfLife: string;
}

export interface Package {
  readonly name: string;
  readonly version: string;
  /** The source package, by which distributions publish advisories. */
  readonly source: string;
  /** An SPDX expression. */
  readonly licence: string;
}

/** A program that was built with Go and tells of what. */
export interface GoBinary {
  /** Without the leading slash, as scanners print it. */
  readonly path: string;
  readonly modules: readonly Package[];
}

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
