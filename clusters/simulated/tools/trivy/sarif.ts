import type { Severity } from '../../images/advisories/advisory.ts';
import type { ScanReport } from './scan.ts';
import { primaryUrl } from './table-report.ts';

/** pkg/report/sarif.go. */
const LEVELS: Readonly<Record<Severity, string>> = {
  CRITICAL: 'error',
  HIGH: 'error',
  MEDIUM: 'warning',
  LOW: 'note',
  UNKNOWN: 'note',
};

/** SARIF 2.1.0: one rule an advisory, one result a package (pkg/report/sarif.go). */
export function sarifReport({ artifact, targets }: ScanReport, version: string): string {
  const found = targets.flatMap(({ name, vulnerabilities }) =>
    vulnerabilities.map((one) => ({ target: name, ...one })),
  );
  const rules = [...new Map(found.map(({ advisory }) => [advisory.id, advisory])).values()];
  const document = {
    version: '2.1.0',
    $schema: 'https://raw.githubusercontent.com/oasis-tcs/sarif-spec/main/sarif-2.1/schema/sarif-schema-2.1.0.json',
    runs: [
      {
        tool: {
          driver: {
            fullName: 'Trivy Vulnerability Scanner',
            informationUri: 'https://github.com/aquasecurity/trivy',
            name: 'Trivy',
            rules: rules.map(({ id, title, severity }) => ({
              id,
              name: 'OsPackageVulnerability',
              shortDescription: { text: title },
              fullDescription: { text: title },
              defaultConfiguration: { level: LEVELS[severity] },
              helpUri: primaryUrl(id),
              properties: { precision: 'very-high', tags: ['vulnerability', 'security', severity] },
            })),
            version,
          },
        },
        results: found.map(({ target, package: installed, advisory }) => ({
          ruleId: advisory.id,
          ruleIndex: rules.indexOf(advisory),
          level: LEVELS[advisory.severity],
          message: {
            text: `Package: ${installed.name}\nInstalled Version: ${installed.version}\nVulnerability ${advisory.id}\nSeverity: ${advisory.severity}\nFixed Version: ${advisory.fixed.join(', ')}\nLink: [${advisory.id}](${primaryUrl(advisory.id)})`,
          },
          locations: [
            {
              physicalLocation: {
                artifactLocation: { uri: target.replace(/ \(.*$/, ''), uriBaseId: 'ROOTPATH' },
                region: { startLine: 1, startColumn: 1, endLine: 1, endColumn: 1 },
              },
              message: { text: `${artifact}: ${installed.name}@${installed.version}` },
            },
          ],
        })),
        columnKind: 'utf16CodeUnits',
        originalUriBaseIds: { ROOTPATH: { uri: 'file:///' } },
      },
    ],
  };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}
