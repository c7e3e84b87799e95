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
