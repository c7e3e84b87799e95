import { componentsOf } from '../sbom/bill.ts';
import type { ScanReport, ScanTarget } from './scan.ts';
import { primaryUrl } from './table-report.ts';

/** trivy's own JSON, schema version 2 (pkg/types/report.go). */
export function jsonReport({ artifact, type, os, image, targets }: ScanReport, now: Date): string {
  const expired = os !== undefined && now >= new Date(os.endOfLife);
  const document = {
    SchemaVersion: 2,
    CreatedAt: now.toISOString(),
    ArtifactName: artifact,
    ArtifactType: type,
    Metadata: {
      ...(os === undefined ? {} : { OS: { Family: os.family, Name: os.version, ...(expired ? { EOSL: true } : {}) } }),
      ...(image === undefined
        ? {}
        : {
            ImageID: image.digest,
            RepoTags: [artifact],
            RepoDigests: [`${image.repository}@${image.digest}`],
            ImageConfig: { architecture: 'amd64', os: 'linux' },
          }),
    },
    Results: targets.map((target) => ({
      Target: target.name,
      Class: target.class,
      Type: target.type,
      Packages: componentsOf(contentsOf(target, os)).map(({ name, version, source, licence, purl }) => ({
        ID: `${name}@${version}`,
        Name: name,
        Identifier: { PURL: purl },
        Version: version,
        ...(target.class === 'os-pkgs' ? { SrcName: source, SrcVersion: version, Licenses: [licence] } : {}),
      })),
      ...(target.vulnerabilities.length === 0 ? {} : { Vulnerabilities: vulnerabilitiesOf(target, os) }),
    })),
  };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}

const contentsOf = ({ class: kind, name, packages }: ScanTarget, os: ScanReport['os']) =>
  kind === 'os-pkgs'
    ? { os, packages, binaries: [] }
    : { os: undefined, packages: [], binaries: [{ path: name, modules: packages }] };

function vulnerabilitiesOf(target: ScanTarget, os: ScanReport['os']) {
  const purls = new Map(componentsOf(contentsOf(target, os)).map(({ name, purl }) => [name, purl]));
  return target.vulnerabilities.map(({ package: { name, version }, advisory }) => ({
    VulnerabilityID: advisory.id,
    PkgID: `${name}@${version}`,
    PkgName: name,
    PkgIdentifier: { PURL: purls.get(name) },
    InstalledVersion: version,
    ...(advisory.fixed.length === 0 ? {} : { FixedVersion: advisory.fixed.join(', ') }),
    Status: advisory.unfixed ?? 'fixed',
    PrimaryURL: primaryUrl(advisory.id),
    Title: advisory.title,
    Severity: advisory.severity,
  }));
}
