import { z } from 'zod';

/** What an outline shows of an SPDX document. */
export interface SpdxGraph {
  readonly name: string;
  /** Names by SPDX id, `libssl3@3.0.11` for a package with a version. */
  readonly packages: ReadonlyMap<string, string>;
  readonly relationships: readonly (readonly [string, string, string])[];
}

const Json = z.object({
  spdxVersion: z.string(),
  name: z.string(),
  packages: z.array(z.object({ SPDXID: z.string(), name: z.string(), versionInfo: z.string().optional() })).default([]),
  relationships: z
    .array(z.object({ spdxElementId: z.string(), relationshipType: z.string(), relatedSpdxElement: z.string() }))
    .default([]),
});

/** Deeper or longer than any document of a lab; a file of a learner's may go in circles. */
const MAX_DEPTH = 20;
const MAX_LINES = 5000;

/** Reads SPDX 2 as JSON or tags and values; undefined for anything else. */
export function readSpdxGraph(text: string): SpdxGraph | undefined {
  if (/^SPDXVersion: SPDX-2/m.test(text)) return readTagValue(text);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return undefined;
  }
  const parsed = Json.safeParse(json);
  if (!parsed.success) return undefined;
  const { name, packages, relationships } = parsed.data;
  return {
    name,
    packages: new Map(packages.map((one) => [one.SPDXID, labelOf(one.name, one.versionInfo)])),
    relationships: relationships.map((one) => [one.spdxElementId, one.relationshipType, one.relatedSpdxElement]),
  };
}

function readTagValue(text: string): SpdxGraph {
  const packages = new Map<string, string>();
  const relationships: (readonly [string, string, string])[] = [];
  let document = '';
  let name = '';
  let id = '';
  for (const line of text.split('\n')) {
    const [, tag = '', value = ''] = /^(\w+): (.*)$/.exec(line) ?? [];
    if (tag === 'DocumentName') document = value;
    else if (tag === 'PackageName') name = value;
    else if (tag === 'SPDXID' && name !== '') packages.set((id = value), name);
    else if (tag === 'PackageVersion') packages.set(id, labelOf(name, value));
    else if (tag === 'Relationship') {
      const [from = '', type = '', to = ''] = value.split(' ');
      relationships.push([from, type, to]);
    }
  }
  return { name: document, packages, relationships };
}

const labelOf = (name: string, version: string | undefined): string =>
  version === undefined || version === '' ? name : `${name}@${version}`;

/** The tree that `bom document outline` prints (sigs.k8s.io/bom, pkg/spdx/document.go). `depth` below zero means all of it. */
export function outline({ name, packages, relationships }: SpdxGraph, depth: number): string {
  const byElement = Map.groupBy(relationships, ([from]) => from);
  const roots = (byElement.get('SPDXRef-DOCUMENT') ?? []).filter(([, type]) => type === 'DESCRIBES');
  const lines = [` 📂 SPDX Document ${name}`, '  │ ', `  │ 📦 DESCRIBES ${roots.length} Packages`, '  │ '];
  const deepest = depth < 0 ? MAX_DEPTH : Math.min(depth, MAX_DEPTH);
  const walk = (id: string, prefix: string, level: number): void => {
    const children = byElement.get(id) ?? [];
    if (children.length === 0 || level > deepest) return;
    lines.push(`${prefix}│ 🔗 ${children.length} Relationships`);
    for (const [index, [, type, to]] of children.entries()) {
      if (lines.length >= MAX_LINES) return;
      const last = index === children.length - 1;
      lines.push(`${prefix}${last ? '└' : '├'} ${type} PACKAGE ${packages.get(to) ?? to}`);
      walk(to, `${prefix}${last ? ' ' : '│'}  `, level + 1);
    }
  };
  for (const [, , id] of roots) {
    lines.push(`  ├ ${packages.get(id) ?? id}`);
    walk(id, '  │  ', 1);
    lines.push('  │ ');
  }
  lines.push('  └ 📄 DESCRIBES 0 Files', '');
  return `${lines.join('\n')}\n`;
}
