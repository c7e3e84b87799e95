import type { SimulatedHost } from '../../hosts/simulated-host.ts';
import type { TemplateEntry } from '../../hosts/template-entry.ts';
import { readHostText, UnreadableFile } from '../host-text.ts';
import { mergeFragments, setting, settingWords, type Fragment, type Settings } from './unit-file.ts';
import type { VendorUnit } from './unit.ts';
import { VENDOR_FOLDER } from './vendor-units.ts';

/** Where an administrator's units lie, the strongest first (systemd.unit(5), "Unit file load path"). */
const FOLDERS = ['/etc/systemd/system', '/run/systemd/system'] as const;

/** Units of the host's own that are read; the learner may write any number. */
const MAX_OWN_UNITS = 150;
/** Drop-ins of one unit that are read. */
const MAX_DROP_INS = 50;

/** One definition of a unit as it lies on the host's disk now. */
export interface UnitDefinition {
  readonly name: string;
  readonly state: 'loaded' | 'masked' | 'bad-setting';
  /** First the unit file, then its drop-ins; none for a masked unit. */
  readonly fragments: readonly Fragment[];
  readonly settings: Settings;
  readonly preset: VendorUnit['preset'];
}

/** The units of a host and the symlinks that enable, alias or mask them. */
export interface UnitDisk {
  readonly units: ReadonlyMap<string, UnitDefinition>;
  /** Path to target, for every symlink below /etc/systemd/system. */
  readonly links: ReadonlyMap<string, string>;
}

/** Reads every service unit of a host: its own files in /etc and /run over the packages' ones. */
export async function readUnitDisk(host: SimulatedHost, vendor: readonly VendorUnit[]): Promise<UnitDisk> {
  const entries = await host.listTree(FOLDERS);
  const links = new Map(
    [...entries].flatMap(([path, target]) => (target === undefined ? [] : [[path, target] as const])),
  );
  const own = [...entries.keys()].flatMap(
    (path) => /^\/(?:etc|run)\/systemd\/system\/([\w@.:-]+\.service)$/.exec(path)?.[1] ?? [],
  );
  const names = new Set([...vendor.map((unit) => unit.name), ...own.slice(0, MAX_OWN_UNITS)]);
  const units = await Promise.all([...names].map((name) => readUnit(host, name, vendor, entries)));
  return { units: new Map(units.flatMap((unit) => (unit === undefined ? [] : [[unit.name, unit]]))), links };
}

/** Path and, of a symlink, its target. */
type Entries = ReadonlyMap<string, string | undefined>;

async function readUnit(
  host: SimulatedHost,
  name: string,
  vendor: readonly VendorUnit[],
  entries: Entries,
): Promise<UnitDefinition | undefined> {
  const row = vendor.find((unit) => unit.name === name);
  const preset = row?.preset ?? 'enabled';
  const main = await mainFragment(host, name, row, entries);
  if (main === 'masked') return { name, state: 'masked', fragments: [], settings: new Map(), preset };
  if (main === undefined) return undefined;
  const fragments = [main, ...(await dropIns(host, name, row, entries))];
  const settings = mergeFragments(fragments);
  return { name, state: isSound(settings) ? 'loaded' : 'bad-setting', fragments, settings, preset };
}

async function mainFragment(host: SimulatedHost, name: string, row: VendorUnit | undefined, entries: Entries) {
  for (const folder of FOLDERS) {
    const path = `${folder}/${name}`;
    if (!entries.has(path)) continue;
    const target = entries.get(path);
    if (target === '/dev/null') return 'masked' as const;
    if (target !== undefined) continue; // an alias or a link to a package's unit
    const text = await readFragment(host, path);
    if (text === '') return 'masked' as const; // an empty file masks too
    if (text !== undefined) return { path, text };
  }
  return row === undefined ? undefined : vendorFragments(row)[0];
}

/** The files of a package's unit: it cannot be written on a host, so what the package said is what lies there. */
function vendorFragments({ name, text, dropIns }: VendorUnit): [Fragment, ...Fragment[]] {
  return [{ path: `${VENDOR_FOLDER}/${name}`, text }, ...(dropIns ?? [])];
}

/** What installing packages leaves of their units on a host: the files, and the links of those that are enabled. */
export function vendorEntries(vendor: readonly VendorUnit[]): TemplateEntry[] {
  return vendor.flatMap((unit) => {
    const { name, preset } = unit;
    const fragments = vendorFragments(unit);
    const settings = mergeFragments(fragments);
    const links = preset === 'enabled' ? installLinks({ name, state: 'loaded', fragments, settings, preset }) : [];
    return [
      ...fragments.map(({ path, text }): TemplateEntry => ({ kind: 'file', path, mode: 0o644, data: text })),
      ...[...links].map(([path, target]): TemplateEntry => ({ kind: 'link', path, mode: 0, data: target })),
    ];
  });
}

/** systemd goes on without a fragment that it cannot read. */
async function readFragment(host: SimulatedHost, path: string): Promise<string | undefined> {
  try {
    return await readHostText(host, path);
  } catch (error) {
    if (error instanceof UnreadableFile) return undefined;
    throw error;
  }
}

/** Drop-ins are sorted by file name across folders; the same name in a stronger folder hides the weaker one. */
async function dropIns(host: SimulatedHost, name: string, row: VendorUnit | undefined, entries: Entries) {
  const byName = new Map<string, Fragment>();
  for (const fragment of row === undefined ? [] : vendorFragments(row).slice(1))
    byName.set(fragment.path.split('/').at(-1) ?? '', fragment);
  for (const folder of FOLDERS.toReversed()) {
    for (const [path, target] of entries) {
      const file = path.startsWith(`${folder}/${name}.d/`) ? (path.split('/').at(-1) ?? '') : '';
      if (!file.endsWith('.conf')) continue;
      if (target === '/dev/null') byName.delete(file);
      if (byName.size >= MAX_DROP_INS) break;
      const text = target === undefined ? await readFragment(host, path) : undefined;
      if (text !== undefined) byName.set(file, { path, text });
    }
  }
  return [...byName.entries()].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, fragment]) => fragment);
}

/** The two mistakes everybody makes in a drop-in: a second ExecStart= without an empty one before it, and none at all. */
function isSound(settings: Settings): boolean {
  const commands = settings.get('Service.ExecStart')?.length ?? 0;
  return setting(settings, 'Service.Type') === 'oneshot' ? true : commands === 1;
}

/** Why systemd calls a unit's settings bad, in the words of its journal (systemd's src/core/service.c, service_verify). */
export function badSettingReason(definition: UnitDefinition): string {
  const none = (definition.settings.get('Service.ExecStart')?.length ?? 0) === 0;
  return none
    ? `${definition.name}: Service has no ExecStart=, ExecStop=, or SuccessAction=. Refusing.`
    : `${definition.name}: Service has more than one ExecStart= setting, which is only allowed for Type=oneshot services. Refusing.`;
}

/** Links that `systemctl enable` makes for a unit, path to target (systemd.unit(5), "[Install] Section Options"). */
export function installLinks(definition: UnitDefinition): Map<string, string> {
  const target = definition.fragments[0]?.path ?? '';
  const links = new Map<string, string>();
  for (const alias of settingWords(definition.settings, 'Install.Alias'))
    links.set(`/etc/systemd/system/${alias}`, target);
  for (const [key, folder] of [
    ['Install.WantedBy', 'wants'],
    ['Install.RequiredBy', 'requires'],
  ] as const) {
    for (const wanting of settingWords(definition.settings, key)) {
      links.set(`/etc/systemd/system/${wanting}.${folder}/${definition.name}`, target);
    }
  }
  return links;
}
