import { SEVERITIES, type Severity } from '../../images/advisories/advisory.ts';
import { goVulnerabilities, osVulnerabilities, type Vulnerability } from '../../images/advisories/vulnerabilities.ts';
import type { ImageContents, OperatingSystem, Package } from '../../images/contents/contents.ts';

/** What was scanned, target by target, as trivy's reports tell it (pkg/types/report.go). */
export interface ScanReport {
  readonly artifact: string;
  readonly type: 'container_image' | 'cyclonedx' | 'spdx';
  readonly os: OperatingSystem | undefined;
  /** Of an image; undefined for a bill of materials. */
  readonly image: { readonly repository: string; readonly digest: string } | undefined;
  readonly targets: readonly ScanTarget[];
}

export interface ScanTarget {
  readonly name: string;
  readonly class: 'os-pkgs' | 'lang-pkgs';
  /** `alpine`, `debian`, `gobinary`. */
  readonly type: string;
  readonly packages: readonly Package[];
  readonly vulnerabilities: readonly Vulnerability[];
}

export interface ScanFilter {
  /** Least first. */
  readonly severities: readonly Severity[];
  readonly ignoreUnfixed: boolean;
  readonly packageTypes: readonly string[];
  /** Advisories that the user lives with, from `.trivyignore`. */
  readonly ignored: ReadonlySet<string>;
}

/** A distribution's packages are one target, each program built with Go another. */
export function targetsOf(artifact: string, contents: ImageContents, filter: ScanFilter): readonly ScanTarget[] {
  const keep = ({ advisory }: Vulnerability): boolean =>
    filter.severities.includes(advisory.severity) &&
    !(filter.ignoreUnfixed && advisory.fixed.length === 0) &&
    !filter.ignored.has(advisory.id);
  const { os, packages, binaries } = contents;
  const ofDistribution: ScanTarget[] =
    os === undefined || !filter.packageTypes.includes('os')
      ? []
      : [
          {
            name: `${artifact} (${os.family} ${os.version})`,
            class: 'os-pkgs',
            type: os.family,
            packages: packages.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
            vulnerabilities: osVulnerabilities(contents).filter(keep),
          },
        ];
  const ofPrograms = !filter.packageTypes.includes('library')
    ? []
    : binaries.map(({ path, modules }): ScanTarget => ({
        name: path,
        class: 'lang-pkgs',
        type: 'gobinary',
        packages: modules,
        vulnerabilities: goVulnerabilities(modules).filter(keep),
      }));
  return [...ofDistribution, ...ofPrograms];
}

/** `CRITICAL,HIGH` in any order and case; undefined when a word of it is no severity. */
export function parseSeverities(text: string): readonly Severity[] | undefined {
  const words = text.split(',').map((word) => word.trim().toUpperCase());
  const known = SEVERITIES.filter((severity) => words.includes(severity));
  return words.every((word) => SEVERITIES.some((severity) => severity === word)) ? known : undefined;
}
