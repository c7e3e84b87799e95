import type { SimulatedHost } from '../../hosts/simulated-host.ts';
import type { VendorUnit } from './unit.ts';
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

/**
 * Enables what packages enable when they are installed; returns the disk as it is then. Boot waits for it, so it takes few programs:
 * one for the folders, one a folder for the links whose names are their targets' names, one for each alias.
 */
export async function applyPresets(
  host: SimulatedHost,
  disk: UnitDisk,
  vendor: readonly VendorUnit[],
): Promise<UnitDisk> {
  const made = new Map<string, string>();
  for (const { name, preset } of vendor) {
    const definition = disk.units.get(name);
    if (preset !== 'enabled' || definition === undefined || definition.state === 'masked') continue;
    for (const [path, target] of installLinks(definition)) if (disk.links.get(path) !== target) made.set(path, target);
  }
  if (made.size === 0) return disk;
  const byFolder = Map.groupBy(made, ([path]) => path.slice(0, path.lastIndexOf('/')));
  await run(host, ['mkdir', '-p', ...byFolder.keys()]);
  for (const [folder, links] of byFolder) {
    const [named, others] = [links.filter(isNamedAfterTarget), links.filter((link) => !isNamedAfterTarget(link))];
    if (named.length > 0) await run(host, ['ln', '-sfn', '-t', folder, ...named.map(([, target]) => target)]);
    for (const [path, target] of others) await run(host, ['ln', '-sfn', target, path]);
  }
  return { ...disk, links: new Map([...disk.links, ...made]) };
}

function isNamedAfterTarget([path, target]: readonly [string, string]): boolean {
  return path.split('/').at(-1) === target.split('/').at(-1);
}

/** Makes the links of [Install]; returns systemctl's lines about those that were not there. */
export async function enable(host: SimulatedHost, definition: UnitDefinition, disk: UnitDisk): Promise<string[]> {
  const lines: string[] = [];
  for (const [path, target] of installLinks(definition)) {
    if (disk.links.get(path) === target) continue;
    await link(host, path, target);
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
  await link(host, path, '/dev/null');
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

async function link(host: SimulatedHost, path: string, target: string): Promise<void> {
  await run(host, ['mkdir', '-p', path.slice(0, path.lastIndexOf('/'))]);
  await run(host, ['ln', '-sfn', target, path]);
}

async function run(host: SimulatedHost, argv: readonly string[]): Promise<void> {
  const result = await host.exec(argv, { signal: AbortSignal.timeout(10_000) });
  if (result.exitCode !== 0) throw new Error(result.stderr.toString('utf8').trim());
}
