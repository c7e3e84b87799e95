import type { TemplateEntry } from '../../hosts/template-entry.ts';
import { listsOf } from './apt-lists.ts';
import { installedStanza, STATUS, stanzasText } from './dpkg-status.ts';
import { packagesOf, sourcesOf } from './repositories.ts';

/** The files of dpkg and apt that a host begins with: its packages in their newest version, and lists that have just been fetched. */
export function aptEntries(installed: readonly string[]): readonly TemplateEntry[] {
  const packages = packagesOf(installed);
  const sources = sourcesOf(installed);
  const file = (path: string, data: string): TemplateEntry => ({ kind: 'file', path, mode: 0o644, data });
  const status = packages.map((row) => installedStanza(row, row.versions[0] ?? ''));
  return [
    file(STATUS, stanzasText(status)),
    { kind: 'folder', path: '/var/lib/dpkg/updates', mode: 0o755, data: '' },
    ...packages.map(({ name }) => file(`/var/lib/dpkg/info/${name}.list`, '/.\n')),
    ...Object.entries({ ...sources, ...listsOf(sources) }).map(([path, text]) => file(path, text)),
  ];
}
