import type { TemplateEntry } from '../../hosts/template-entry.ts';
import { listsOf } from './apt-lists.ts';
import { installedStanza, STATUS, stanzasText } from './dpkg-status.ts';
import { type AptPackage, packagesOf, sourcesOf } from './repositories.ts';

/** Where dpkg keeps what files a package has. */
export const listOf = ({ name }: Pick<AptPackage, 'name'>): string => `/var/lib/dpkg/info/${name}.list`;

/** What it keeps there: of a package of the lab's its program alone, with the folders above it. */
export function listText({ program = '' }: Pick<AptPackage, 'program'>): string {
  const parts = program.split('/');
  return ['/.', ...parts.slice(1).map((_, i) => parts.slice(0, i + 2).join('/'))].map((path) => `${path}\n`).join('');
}

/** The files of dpkg and apt that a host begins with: its packages in their newest version, and lists that have just been fetched. */
export function aptEntries(installed: readonly string[]): readonly TemplateEntry[] {
  const packages = packagesOf(installed);
  const sources = sourcesOf(installed);
  const file = (path: string, data: string): TemplateEntry => ({ kind: 'file', path, mode: 0o644, data });
  const status = packages.map((row) => installedStanza(row, row.versions[0] ?? ''));
  return [
    file(STATUS, stanzasText(status)),
    { kind: 'folder', path: '/var/lib/dpkg/updates', mode: 0o755, data: '' },
    ...packages.map((row) => file(listOf(row), listText(row))),
    ...Object.entries({ ...sources, ...listsOf(sources) }).map(([path, text]) => file(path, text)),
  ];
}
