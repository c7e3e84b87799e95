import { z } from 'zod';
import type { GoBinary, ImageContents, OperatingSystem, Package } from '../../images/contents/contents.ts';
import { IMAGES } from '../../images/table.ts';

/** A bill of materials as a file has it: what its package URLs name. */
export interface ReadBill {
  readonly format: 'cyclonedx-json' | 'spdx-json' | 'spdx-tv';
  readonly contents: ImageContents;
}

const CycloneDx = z.object({
  bomFormat: z.literal('CycloneDX'),
  components: z.array(z.object({ purl: z.string().optional() })).default([]),
});
const Spdx = z.object({
  spdxVersion: z.string(),
  packages: z
    .array(z.object({ externalRefs: z.array(z.object({ referenceLocator: z.string() })).default([]) }))
    .default([]),
});

/** Reads CycloneDX JSON and SPDX 2 as JSON or tags and values; undefined for anything else. */
export function readBill(text: string): ReadBill | undefined {
  if (/^SPDXVersion: SPDX-2/m.test(text)) {
    const purls = [...text.matchAll(/^ExternalRef: PACKAGE[-_]MANAGER purl (\S+)$/gm)].map(([, purl = '']) => purl);
    return { format: 'spdx-tv', contents: contentsOf(purls) };
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return undefined;
  }
  const cycloneDx = CycloneDx.safeParse(json);
  if (cycloneDx.success) {
    return {
      format: 'cyclonedx-json',
      contents: contentsOf(cycloneDx.data.components.flatMap(({ purl = '' }) => purl)),
    };
  }
  const spdx = Spdx.safeParse(json);
  if (!spdx.success) return undefined;
  const purls = spdx.data.packages.flatMap(({ externalRefs }) => externalRefs.map((one) => one.referenceLocator));
  return { format: 'spdx-json', contents: contentsOf(purls) };
}

const PURL = /^pkg:(?<type>apk\/alpine|deb\/debian|golang)\/(?<name>[^@?]+)@(?<version>[^?]+)(?:\?(?<rest>.*))?$/;

function contentsOf(purls: readonly string[]): ImageContents {
  const packages: Package[] = [];
  const modules: Package[] = [];
  let os: OperatingSystem | undefined;
  for (const purl of new Set(purls)) {
    const { type, name = '', version = '', rest = '' } = PURL.exec(purl)?.groups ?? {};
    if (type === undefined) continue;
    const one = packageOf(decode(name), decode(version));
    if (type === 'golang') {
      modules.push(one);
      continue;
    }
    packages.push(one);
    const distro = new URLSearchParams(rest).get('distro')?.replace(/^(debian|alpine)-/, '') ?? '';
    const family = type === 'apk/alpine' ? 'alpine' : 'debian';
    if (distro !== '') os ??= { family, version: distro, endOfLife: endOfLife(family, distro) };
  }
  const binaries: GoBinary[] = modules.length === 0 ? [] : [{ path: 'Go binaries', modules }];
  return { os, packages, binaries };
}

const decode = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

/** Package URLs need not name the source that advisories speak of, so it is taken from the image table. */
function packageOf(name: string, version: string): Package {
  const known = KNOWN_PACKAGES.get(name);
  return { name, version, source: known?.source ?? name, licence: known?.licence ?? 'NOASSERTION' };
}

const ALL_CONTENTS = IMAGES.flatMap(({ contents = {} }) => Object.values(contents));
const KNOWN_PACKAGES = new Map(ALL_CONTENTS.flatMap(({ packages }) => packages.map((one) => [one.name, one] as const)));

const endOfLife = (family: string, version: string): string =>
  ALL_CONTENTS.find(({ os }) => os?.family === family && os.version === version)?.os?.endOfLife ?? '';
