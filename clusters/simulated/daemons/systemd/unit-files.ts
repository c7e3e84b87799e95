import type { SimulatedHost } from '../../hosts/simulated-host.ts';
import type { TemplateEntry } from '../../hosts/template-entry.ts';
import { readHostText, UnreadableFile } from '../host-text.ts';
import { mergeFragments, setting, settingWords, type Fragment, type Settings } from './unit-file.ts';
import type { VendorUnit } from './unit.ts';
import { VENDOR_FOLDER } from './vendor-units.ts';

/** Where packages put their units: on Debian 12 systemd finds them by /lib, which is a link there, and what adds to them by this path. */
const PACKAGED_FOLDER = '/usr/lib/systemd/system';

/** Where units lie, the strongest first (systemd.unit(5), "Unit file load path"). */
const FOLDERS = ['/etc/systemd/system', '/run/systemd/system', PACKAGED_FOLDER] as const;

/** Units of a host that are read; the learner may write any number. */
const MAX_UNITS = 150;
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
  /** Unit files of other types, which nothing comes of. */
  readonly unmodelled: readonly string[];
}

/** What packages have brought to a host. */
export interface PackagedUnits {
  readonly units: readonly VendorUnit[];
  /** Whether nobody can have changed a file of theirs yet, so that it need not be read. */
  readonly isAsPackaged: (path: string) => boolean;
}

/** Reads every unit of a host that is modelled: an administrator's own in /etc and /run over those of packages. */
export async function readUnitDisk(host: SimulatedHost, packaged: PackagedUnits): Promise<UnitDisk> {
  const listed = await host.listTree(FOLDERS);
  const links = new Map(
    [...listed].flatMap(([path, target]) =>
      target === undefined || isPackaged(path) ? [] : [[path, target] as const],
    ),
  );
  const known = new Map(packaged.units.flatMap(vendorFragments).map(({ path, text }) => [placeOf(path), text]));
  // A machine without systemd has no place for units, so that packages' own cannot be laid on its hosts' disks.
  const hasPlace = [...listed.keys()].some(isPackaged);
  const files = hasPlace
    ? listed
    : new Map([...listed, ...[...known.keys()].map((path) => [path, undefined] as const)]);
  const read = async (path: string): Promise<string | undefined> =>
    known.has(path) && (!hasPlace || packaged.isAsPackaged(path)) ? known.get(path) : readFragment(host, path);
  const names = new Set([...files.keys()].flatMap((path) => UNIT_FILE.exec(path)?.[1] ?? []));
  const units = await Promise.all(
    [...names].slice(0, MAX_UNITS).map((name) => readUnit({ name, files, read, packaged: packaged.units })),
  );
  return {
    units: new Map(units.flatMap((unit) => (unit === undefined ? [] : [[unit.name, unit]]))),
    links,
    unmodelled: [...listed].flatMap(([path, target]) =>
      target === undefined ? (OTHER_UNIT_FILE.exec(path)?.[1] ?? []) : [],
    ),
  };
}

const UNIT_FILE = new RegExp(`^(?:${FOLDERS.join('|')})/([\\w@.:-]+\\.(?:service|socket))$`);

const OTHER_UNIT_FILE = new RegExp(
  `^(?:${FOLDERS.join('|')})/([\\w@.:-]+\\.(?:target|timer|mount|automount|swap|path|slice|scope))$`,
);

const isPackaged = (path: string): boolean => path.startsWith(`${PACKAGED_FOLDER}/`);

/** Where a file lies that is told by /lib. */
const placeOf = (path: string): string => (path.startsWith('/lib/') ? `/usr${path}` : path);

interface UnitRequest {
  readonly name: string;
  /** Path and, of a symlink, its target. */
  readonly files: ReadonlyMap<string, string | undefined>;
  /** Undefined where there is nothing that systemd could read. */
  readonly read: (path: string) => Promise<string | undefined>;
  readonly packaged: readonly VendorUnit[];
}

async function readUnit(request: UnitRequest): Promise<UnitDefinition | undefined> {
  const { name } = request;
  const preset = request.packaged.find((unit) => unit.name === name)?.preset ?? 'enabled';
  const main = await mainFragment(request);
  if (main === 'masked') return { name, state: 'masked', fragments: [], settings: new Map(), preset };
  if (main === undefined) return undefined;
  const fragments = [main, ...(await dropIns(request))];
  const settings = mergeFragments(fragments);
  const complaint = badSettingReason(name, settings);
  return { name, state: complaint === undefined ? 'loaded' : 'bad-setting', fragments, settings, preset };
}

async function mainFragment({ name, files, read }: UnitRequest) {
  for (const folder of FOLDERS) {
    const path = `${folder}/${name}`;
    if (!files.has(path)) continue;
    const target = files.get(path);
    if (target === '/dev/null') return 'masked' as const;
    if (target !== undefined) continue; // an alias or a link to a package's unit
    const text = await read(path);
    if (text === '') return 'masked' as const; // an empty file masks too
    if (text !== undefined) return { path: isPackaged(path) ? path.replace(/^\/usr/, '') : path, text };
  }
  return undefined;
}

/** The files of a package's unit, as systemd tells of them. */
function vendorFragments({ name, text, dropIns }: VendorUnit): [Fragment, ...Fragment[]] {
  return [{ path: `${VENDOR_FOLDER}/${name}`, text }, ...(dropIns ?? [])];
}

/** Puts the units of a package on a host's disk, or takes them away. */
export async function placeUnit(host: SimulatedHost, unit: VendorUnit, isThere: boolean): Promise<void> {
  if ((await host.pathKind(PACKAGED_FOLDER, undefined)) !== 'folder') return;
  for (const { path, text } of vendorFragments(unit)) {
    if (isThere) await host.writeFile(placeOf(path), Buffer.from(text), { mode: 0o644 });
    else await host.removeFile(placeOf(path));
  }
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
async function dropIns({ name, files, read }: UnitRequest): Promise<Fragment[]> {
  const byName = new Map<string, Fragment>();
  for (const folder of FOLDERS.toReversed()) {
    for (const [path, target] of files) {
      const file = path.startsWith(`${folder}/${name}.d/`) ? (path.split('/').at(-1) ?? '') : '';
      if (!file.endsWith('.conf')) continue;
      if (target === '/dev/null') byName.delete(file);
      if (byName.size >= MAX_DROP_INS) break;
      const text = target === undefined ? await read(path) : undefined;
      if (text !== undefined) byName.set(file, { path, text });
    }
  }
  return [...byName.entries()].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, fragment]) => fragment);
}

/**
 * Why systemd calls a unit's settings bad, in the words of its journal (systemd's src/core/service.c service_verify, socket.c
 * socket_verify): the mistakes everybody makes in a drop-in are a second ExecStart= without an empty one before it, and none at all.
 */
export function badSettingReason(name: string, settings: Settings): string | undefined {
  if (name.endsWith('.socket'))
    return [...settings.keys()].some((key) => key.startsWith('Socket.Listen') && settings.get(key)?.length !== 0)
      ? undefined
      : `${name}: Unit has no Listen setting (ListenStream=, ListenDatagram=, ListenFIFO=, ...). Refusing.`;
  const commands = settings.get('Service.ExecStart')?.length ?? 0;
  if (commands === 1 || setting(settings, 'Service.Type') === 'oneshot') return undefined;
  return commands === 0
    ? `${name}: Service has no ExecStart=, ExecStop=, or SuccessAction=. Refusing.`
    : `${name}: Service has more than one ExecStart= setting, which is only allowed for Type=oneshot services. Refusing.`;
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
