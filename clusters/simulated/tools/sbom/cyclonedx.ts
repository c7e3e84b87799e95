import type { Vulnerability } from '../../images/advisories/vulnerabilities.ts';
import { type Bill, componentsOf, imagePurl, timestamp, uuidOf } from './bill.ts';

/** CycloneDX 1.6 as JSON (cyclonedx.org/docs/1.6/json), as trivy and syft shape it; with findings where they were asked for. */
export function cycloneDx(bill: Bill, vulnerabilities: readonly Vulnerability[] = []): string {
  const { name, digest, contents, tool, created } = bill;
  const serial = uuidOf(name, digest, tool.name, timestamp(created));
  const root = imagePurl(bill);
  const { os } = contents;
  const osReference = uuidOf(serial, 'os');
  const components = componentsOf(contents);
  const findings = Map.groupBy(vulnerabilities, ({ advisory }) => advisory.id);
  const referenceOf = (packageName: string): string =>
    components.find((one) => one.name === packageName)?.purl ?? packageName;
  const document = {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: `urn:uuid:${serial}`,
    version: 1,
    metadata: {
      timestamp: timestamp(created),
      tools: { components: [{ type: 'application', group: tool.vendor, name: tool.name, version: tool.version }] },
      component: { 'bom-ref': root, type: 'container', name, purl: root },
    },
    components: [
      ...(os === undefined
        ? []
        : [{ 'bom-ref': osReference, type: 'operating-system', name: os.family, version: os.version }]),
      ...components.map((one) => ({
        'bom-ref': one.purl,
        type: 'library',
        name: one.name,
        version: one.version,
        licenses: [{ expression: one.licence }],
        purl: one.purl,
        properties: [
          { name: `${tool.vendor}:${tool.name}:PkgType`, value: one.kind },
          { name: `${tool.vendor}:${tool.name}:SrcName`, value: one.source },
          ...(one.path === undefined ? [] : [{ name: `${tool.vendor}:${tool.name}:FilePath`, value: one.path }]),
        ],
      })),
    ],
    dependencies: [
      ...(os === undefined
        ? []
        : [
            {
              ref: osReference,
              dependsOn: components.filter(({ path }) => path === undefined).map(({ purl }) => purl),
            },
          ]),
      {
        ref: root,
        dependsOn: [
          ...(os === undefined ? [] : [osReference]),
          ...components.filter(({ path }) => path !== undefined).map(({ purl }) => purl),
        ],
      },
    ],
    vulnerabilities: [...findings].map(([id, found]) => ({
      id,
      ratings: [{ severity: found[0]?.advisory.severity.toLowerCase() }],
      description: found[0]?.advisory.title,
      affects: found.map((one) => ({
        ref: referenceOf(one.package.name),
        versions: [{ version: one.package.version, status: 'affected' }],
      })),
    })),
  };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}
