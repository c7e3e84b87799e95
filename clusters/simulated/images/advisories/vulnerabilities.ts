import type { ImageContents, OperatingSystem, Package } from '../contents/contents.ts';
import { type Advisory, SEVERITIES } from './advisory.ts';
import { ALPINE_ADVISORIES } from './alpine.ts';
import { DEBIAN_ADVISORIES } from './debian.ts';
import { GO_ADVISORIES } from './go.ts';
import { compareVersions, goFixed } from './versions.ts';

/** An installed package that an advisory speaks of. */
export interface Vulnerability {
  readonly package: Package;
  readonly advisory: Advisory;
}

/** The branch of a distribution that advisories are published for: Alpine's `3.20`, Debian's `12`. */
export const branchOf = ({ family, version }: OperatingSystem): string =>
  version
    .split('.')
    .slice(0, family === 'alpine' ? 2 : 1)
    .join('.');

/** What is known against the packages of a distribution, by package, worst first, as scanners list it. */
export function osVulnerabilities({ os, packages }: Pick<ImageContents, 'os' | 'packages'>): readonly Vulnerability[] {
  if (os === undefined) return [];
  const known = (os.family === 'alpine' ? ALPINE_ADVISORIES : DEBIAN_ADVISORIES)[branchOf(os)] ?? [];
  return match(packages, known, ({ version }, fixed) => fixed.some((one) => compareVersions(version, one) >= 0));
}

/** What is known against the modules of a Go program, in the same order. */
export const goVulnerabilities = (modules: readonly Package[]): readonly Vulnerability[] =>
  match(modules, GO_ADVISORIES, ({ version }, fixed) => goFixed(version.replace(/^v/, ''), fixed));

function match(
  packages: readonly Package[],
  advisories: readonly Advisory[],
  isFixed: (installed: Package, fixed: readonly string[]) => boolean,
): readonly Vulnerability[] {
  return packages
    .flatMap((installed) =>
      advisories
        .filter(({ source, fixed }) => source === installed.source && !isFixed(installed, fixed))
        .map((advisory) => ({ package: installed, advisory })),
    )
    .sort(
      (a, b) =>
        (a.package.name < b.package.name ? -1 : a.package.name > b.package.name ? 1 : 0) ||
        SEVERITIES.indexOf(b.advisory.severity) - SEVERITIES.indexOf(a.advisory.severity) ||
        (a.advisory.id < b.advisory.id ? -1 : 1),
    );
}
