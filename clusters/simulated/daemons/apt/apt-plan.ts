import { type Offer, rowOf } from './apt-lists.ts';
import { compareVersions } from './debian-version.ts';
import type { DpkgStatus } from './dpkg-status.ts';
import { type AptPackage, REPOSITORIES } from './repositories.ts';

/** A package that is to have another version than it has. */
export interface Change {
  readonly row: AptPackage;
  readonly from: string | undefined;
  readonly to: string;
  readonly offer: Offer;
}

export interface Plan {
  readonly changes: readonly Change[];
  readonly removals: readonly { readonly row: AptPackage; readonly version: string | undefined }[];
  /** Said before everything else. */
  readonly notes: readonly string[];
}

export type Planned = { readonly ok: Plan } | { readonly failed: readonly string[] };

export const isDowngrade = ({ from, to }: Change): boolean => from !== undefined && compareVersions(to, from) < 0;

/** What the lists of a host and dpkg say of a package; undefined where neither knows it. */
export interface Known {
  readonly offers: ReadonlyMap<string, readonly Offer[]>;
  readonly status: DpkgStatus;
}

/** Why apt does not find a package; of those that real repositories have the lab knows a few alone. */
const unknown = (name: string): string => `not simulated: the package ${name}; there are ${NAMES.join(', ')}`;
const NAMES = [...new Set(REPOSITORIES.flatMap(({ packages }) => packages.map(({ name }) => name)))].toSorted();

/** What `install NAME[=VERSION]…` would do (apt-private/private-install.cc). */
export function planInstall(words: readonly string[], { offers, status }: Known, onlyUpgrade = false): Planned {
  const changes: Change[] = [];
  const notes: string[] = [];
  for (const word of words) {
    const [name = '', wanted] = word.split('=');
    const row = rowOf(name);
    if (row === undefined) return { failed: [unknown(name)] };
    const available = offers.get(name) ?? [];
    const from = status.version(name);
    if (available.length === 0 && from === undefined) return { failed: [`Unable to locate package ${name}`] };
    const offer =
      wanted === undefined ? newest(available, from) : available.find(({ version }) => matches(version, wanted));
    if (wanted !== undefined && offer === undefined && from !== wanted)
      return { failed: [`Version '${wanted}' for '${name}' was not found`] };
    if (offer === undefined || offer.version === from)
      notes.push(
        wanted === undefined || from !== undefined ? `${name} is already the newest version (${from ?? ''}).` : '',
      );
    else if (onlyUpgrade && from === undefined)
      notes.push(`Skipping ${name}, it is not installed and only upgrades are requested.`);
    else changes.push({ row, from, to: offer.version, offer });
  }
  return { ok: { changes, removals: [], notes } };
}

/** `1.36.2-1.1`, or with a star at its end (`1.36.2*`). */
const matches = (version: string, wanted: string): boolean =>
  wanted.endsWith('*') ? version.startsWith(wanted.slice(0, -1)) : version === wanted;

function newest([first]: readonly Offer[], from: string | undefined): Offer | undefined {
  return first !== undefined && (from === undefined || compareVersions(first.version, from) > 0) ? first : undefined;
}

/** What `upgrade` would do: everything that is installed and not held to its newest version. */
export function planUpgrade({ offers, status }: Known): Plan & { readonly kept: readonly string[] } {
  const kept: string[] = [];
  const changes = status.names.flatMap((name): Change[] => {
    const from = status.version(name);
    const row = rowOf(name);
    const offer = newest(offers.get(name) ?? [], from);
    if (from === undefined || row === undefined || offer === undefined) return [];
    if (!status.isHeld(name)) return [{ row, from, to: offer.version, offer }];
    kept.push(name);
    return [];
  });
  return { changes, removals: [], notes: [], kept };
}

/** What `remove NAME…` and `purge NAME…` would do; whatever depends on it goes with it. */
export function planRemoval(words: readonly string[], { status }: Known, purge: boolean): Planned {
  const names = new Set<string>();
  const notes: string[] = [];
  for (const name of words) {
    if (rowOf(name) === undefined) return { failed: [unknown(name)] };
    if (status.version(name) !== undefined || (purge && status.isLeftOver(name))) names.add(name);
    else notes.push(`Package '${name}' is not installed, so not removed`);
  }
  for (const name of status.names) if (status.version(name) !== undefined && dependsOn(name, names)) names.add(name);
  const removals = [...names].flatMap((name) => {
    const row = rowOf(name);
    return row === undefined ? [] : [{ row, version: status.version(name) }];
  });
  return { ok: { changes: [], removals, notes } };
}

const dependsOn = (name: string, gone: ReadonlySet<string>): boolean =>
  (rowOf(name)?.depends ?? '').split(', ').some((word) => gone.has(word.replace(/ .*$/, '')));
