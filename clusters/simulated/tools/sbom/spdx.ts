import { createHash } from 'node:crypto';
import { type Bill, componentsOf, imagePurl, timestamp, uuidOf } from './bill.ts';

/** An SPDX 2.3 document (spdx.github.io/spdx-spec/v2.3), before it is written as JSON or tags and values. */
export interface SpdxDocument {
  readonly name: string;
  readonly namespace: string;
  readonly creators: readonly string[];
  readonly created: string;
  readonly packages: readonly SpdxPackage[];
  /** Element, relationship, element. */
  readonly relationships: readonly (readonly [string, string, string])[];
}

export interface SpdxPackage {
  readonly id: string;
  readonly name: string;
  readonly version: string | undefined;
  readonly purpose: 'CONTAINER' | 'OPERATING-SYSTEM' | 'LIBRARY';
  readonly licence: string;
  readonly purl: string | undefined;
  readonly sourceInfo: string | undefined;
}

const DOCUMENT = 'SPDXRef-DOCUMENT';

/** An image and its packages: the document describes the image, which contains them. */
export function spdxOf(bill: Bill): SpdxDocument {
  const { name, digest, contents, tool, created } = bill;
  const { os } = contents;
  const root = `SPDXRef-ContainerImage-${hash(digest)}`;
  const system = `SPDXRef-OperatingSystem-${hash(digest, 'os')}`;
  const packages = componentsOf(contents).map((one): SpdxPackage => ({
    id: `SPDXRef-Package-${hash(digest, one.purl)}`,
    name: one.name,
    version: one.version,
    purpose: 'LIBRARY',
    licence: one.licence,
    purl: one.purl,
    sourceInfo: one.path === undefined ? `built package from: ${one.source} ${one.version}` : `found in: ${one.path}`,
  }));
  const ofSystem: SpdxPackage[] =
    os === undefined
      ? []
      : [
          {
            id: system,
            name: os.family,
            version: os.version,
            purpose: 'OPERATING-SYSTEM',
            licence: 'NOASSERTION',
            purl: undefined,
            sourceInfo: undefined,
          },
        ];
  return {
    name,
    namespace: `${tool.namespace(name)}${uuidOf(name, digest, tool.name, timestamp(created))}`,
    creators: [`Organization: ${tool.organization}`, `Tool: ${tool.name}-${tool.version}`],
    created: timestamp(created),
    packages: [
      {
        id: root,
        name,
        version: undefined,
        purpose: 'CONTAINER',
        licence: 'NOASSERTION',
        purl: imagePurl(bill),
        sourceInfo: undefined,
      },
      ...ofSystem,
      ...packages,
    ],
    relationships: [
      [DOCUMENT, 'DESCRIBES', root],
      ...[...ofSystem, ...packages].map(({ id }) => [root, 'CONTAINS', id] as const),
    ],
  };
}

export function spdxJson(document: SpdxDocument): string {
  const text = {
    spdxVersion: 'SPDX-2.3',
    dataLicense: 'CC0-1.0',
    SPDXID: DOCUMENT,
    name: document.name,
    documentNamespace: document.namespace,
    creationInfo: { creators: document.creators, created: document.created },
    packages: document.packages.map(({ id, name, version, purpose, licence, purl, sourceInfo }) => ({
      name,
      SPDXID: id,
      ...(version === undefined ? {} : { versionInfo: version }),
      supplier: 'NOASSERTION',
      downloadLocation: 'NONE',
      filesAnalyzed: false,
      ...(sourceInfo === undefined ? {} : { sourceInfo }),
      licenseConcluded: licence,
      licenseDeclared: licence,
      ...(purl === undefined
        ? {}
        : {
            externalRefs: [{ referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl', referenceLocator: purl }],
          }),
      primaryPackagePurpose: purpose,
    })),
    relationships: document.relationships.map(([from, type, to]) => ({
      spdxElementId: from,
      relatedSpdxElement: to,
      relationshipType: type,
    })),
  };
  return `${JSON.stringify(text, undefined, 2)}\n`;
}

export function spdxTagValue(document: SpdxDocument): string {
  const head = [
    'SPDXVersion: SPDX-2.3',
    'DataLicense: CC0-1.0',
    `SPDXID: ${DOCUMENT}`,
    `DocumentName: ${document.name}`,
    `DocumentNamespace: ${document.namespace}`,
    ...document.creators.map((creator) => `Creator: ${creator}`),
    `Created: ${document.created}`,
  ];
  const packages = document.packages.map(({ id, name, version, purpose, licence, purl, sourceInfo }) => [
    `##### Package: ${name}`,
    '',
    `PackageName: ${name}`,
    `SPDXID: ${id}`,
    ...(version === undefined ? [] : [`PackageVersion: ${version}`]),
    'PackageDownloadLocation: NONE',
    `PrimaryPackagePurpose: ${purpose}`,
    'FilesAnalyzed: false',
    ...(sourceInfo === undefined ? [] : [`PackageSourceInfo: ${sourceInfo}`]),
    `PackageLicenseConcluded: ${licence}`,
    `PackageLicenseDeclared: ${licence}`,
    ...(purl === undefined ? [] : [`ExternalRef: PACKAGE-MANAGER purl ${purl}`]),
  ]);
  const relationships = document.relationships.map(([from, type, to]) => `Relationship: ${from} ${type} ${to}`);
  return [head, ...packages, ['##### Relationships', '', ...relationships]]
    .map((lines) => `${lines.join('\n')}\n`)
    .join('\n');
}

const hash = (...words: readonly string[]): string =>
  createHash('sha256').update(words.join('\0')).digest('hex').slice(0, 16);
