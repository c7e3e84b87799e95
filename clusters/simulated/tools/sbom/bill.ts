import { createHash } from 'node:crypto';
import type { ImageContents, Package } from '../../images/contents/contents.ts';

/** What a software bill of materials is made from, in whatever format. */
export interface Bill {
  /** The reference as it was given. */
  readonly name: string;
  /** Without tag: `nginx`. */
  readonly repository: string;
  readonly digest: string;
  readonly contents: ImageContents;
  readonly tool: BillTool;
  readonly created: Date;
}

/** Who made a bill, and how it names its documents. */
export interface BillTool {
  /** `aquasecurity`; the prefix of CycloneDX properties. */
  readonly vendor: string;
  readonly organization: string;
  readonly name: string;
  readonly version: string;
  /** An SPDX document's namespace, before its UUID. */
  readonly namespace: (artifact: string) => string;
}

/** A package with what identifies it beyond its distribution. */
export interface Component extends Package {
  /** Package URL (github.com/package-url/purl-spec). */
  readonly purl: string;
  readonly kind: 'alpine' | 'debian' | 'gobinary';
  /** Where a program lies that it is part of; undefined for a distribution's package. */
  readonly path: string | undefined;
}

/** Every package of the image: the distribution's by name, then programs' modules. */
export function componentsOf({ os, packages, binaries }: ImageContents): readonly Component[] {
  const ofDistribution = os === undefined ? [] : packages.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return [
    ...ofDistribution.map((one): Component => {
      const alpine = os?.family === 'alpine';
      const where = alpine ? `apk/alpine` : 'deb/debian';
      const distro = alpine ? (os?.version ?? '') : `debian-${os?.version ?? ''}`;
      const purl = `pkg:${where}/${encodeURIComponent(one.name)}@${encodeURIComponent(one.version)}?arch=${alpine ? 'x86_64' : 'amd64'}&distro=${distro}`;
      return { ...one, purl, kind: alpine ? 'alpine' : 'debian', path: undefined };
    }),
    ...binaries.flatMap(({ path, modules }) =>
      modules.map((one): Component => ({
        ...one,
        purl: `pkg:golang/${one.name}@${one.version}`,
        kind: 'gobinary',
        path,
      })),
    ),
  ];
}

/** Second precision, as every format here wants it: `2026-11-23T09:00:00Z`. */
export const timestamp = (date: Date): string => `${date.toISOString().slice(0, 19)}Z`;

/** A UUID that is the same for the same words. */
export function uuidOf(...words: readonly string[]): string {
  const hex = createHash('sha256').update(words.join('\0')).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-',
  );
}

/** The image itself as a package URL. */
export const imagePurl = ({ repository, digest }: Bill): string =>
  `pkg:oci/${repository.split('/').at(-1) ?? repository}@${encodeURIComponent(digest)}?arch=amd64&repository_url=${encodeURIComponent(registryName(repository))}`;

const registryName = (repository: string): string =>
  /^[^/]*[.:][^/]*\//.test(repository)
    ? repository
    : `index.docker.io/${repository.includes('/') ? repository : `library/${repository}`}`;
