import type { SimulatedHost } from '../../hosts/simulated-host.ts';
import { installLinks, type UnitDefinition, type UnitDisk } from './unit-files.ts';

/** A unit file's state as `systemctl is-enabled` prints it. */
export type FileState = 'enabled' | 'disabled' | 'static' | 'masked' | 'alias';

/** Judges by the symlinks on disk alone, so that a learner, a grader and systemd see one truth. */
export function fileState(definition: UnitDefinition, disk: UnitDisk): FileState {
  if (definition.state === 'masked') return 'masked';
  const wanted = [...disk.links.keys()].some(
    (path) => /\.(?:wants|requires)\//.test(path) && path.endsWith(`/${definition.name}`),
  );
  if (wanted) return 'enabled';
  return installLinks(definition).size === 0 ? 'static' : 'disabled';
}

/** Makes the links of [Install]; returns systemctl's lines about those that were not there. */
export async function enable(host: SimulatedHost, definition: UnitDefinition, disk: UnitDisk): Promise<string[]> {
  const lines: string[] = [];
  for (const [path, target] of installLinks(definition)) {
    if (disk.links.get(path) === target) continue;
    await host.makeLink(path, target);
    lines.push(`Created symlink ${path} → ${target}.`);
  }
  return lines;
}

/** Removes every link to the unit but a mask. */
export async function disable(host: SimulatedHost, definition: UnitDefinition, disk: UnitDisk): Promise<string[]> {
  const aliases = installLinks(definition);
  const paths = [...disk.links.keys()].filter(
    (path) => aliases.has(path) || (/\.(?:wants|requires)\//.test(path) && path.endsWith(`/${definition.name}`)),
  );
  return removeLinks(host, paths);
}

export async function mask(host: SimulatedHost, name: string): Promise<string[]> {
  const path = `/etc/systemd/system/${name}`;
  await host.makeLink(path, '/dev/null');
  return [`Created symlink ${path} → /dev/null.`];
}

export function unmask(host: SimulatedHost, name: string, disk: UnitDisk): Promise<string[]> {
  const path = `/etc/systemd/system/${name}`;
  return removeLinks(host, disk.links.get(path) === '/dev/null' ? [path] : []);
}

async function removeLinks(host: SimulatedHost, paths: readonly string[]): Promise<string[]> {
  for (const path of paths) await host.removeFile(path);
  return paths.map((path) => `Removed "${path}".`);
}
