import { deepFreeze, type ManagedFieldsEntry } from '../../object.ts';
import { badRequest, ApiError } from '../../status.ts';
import { decodeSet, encodeSet, isEmpty, sameSet, union, type FieldSet } from './field-set.ts';

/** One owner of fields: who, how, in which version, through which subresource. */
export interface Manager {
  readonly name: string;
  readonly operation: 'Apply' | 'Update';
  readonly apiVersion: string;
  readonly subresource: string;
  readonly time: string | undefined;
  readonly set: FieldSet;
  /** The entry it was read from, reused as it is while it still says this time and this set. */
  readonly entry: ManagedFieldsEntry | undefined;
}

/** More owners by Update than that are folded into one (fieldmanager/capmanagers.go). */
const MOST_UPDATERS = 10;
const ANCIENT = 'ancient-changes';

/** An applier is the same whichever version it applies (managedfields BuildManagerIdentifier). */
export const sameManager = (a: Manager, b: Omit<Manager, 'set' | 'time' | 'entry'>): boolean =>
  a.name === b.name &&
  a.operation === b.operation &&
  a.subresource === b.subresource &&
  (a.operation === 'Apply' || a.apiVersion === b.apiVersion);

/** Reads `metadata.managedFields`. Throws for entries that are no such thing. */
export function decodeManagers(entries: readonly ManagedFieldsEntry[] | undefined): Manager[] {
  return (entries ?? []).map((entry) => {
    if (entry.operation !== 'Apply' && entry.operation !== 'Update') {
      throw badRequest(`invalid managed fields entry: operation ${JSON.stringify(entry.operation ?? '')}`);
    }
    return {
      name: entry.manager ?? '',
      operation: entry.operation,
      apiVersion: entry.apiVersion,
      subresource: entry.subresource ?? '',
      time: entry.time,
      set: decodeSet(entry.fieldsV1 ?? {}),
      entry,
    };
  });
}

/** The managers of the draft where the client sent valid ones (that is how one edits ownership), else those of the live object. */
export function managersOf(
  draft: readonly ManagedFieldsEntry[] | undefined,
  live: readonly ManagedFieldsEntry[] | undefined,
): Manager[] {
  if (draft && draft.length > 0) {
    // `[{}]` takes all owners away (fieldmanager.go isResetManagedFields).
    if (draft.length === 1 && Object.keys(draft[0]!).length === 0) return [];
    try {
      return decodeManagers(draft);
    } catch (error) {
      if (!(error instanceof ApiError) && !(error instanceof Error)) throw error;
    }
  }
  return decodeManagers(live);
}

/** Writes managers in upstream's order: Apply before Update, then time, name, version, subresource. Empty ones are dropped. */
export function encodeManagers(managers: readonly Manager[]): ManagedFieldsEntry[] | undefined {
  const kept = cap(managers.filter(({ set }) => !isEmpty(set)));
  if (kept.length === 0) return undefined;
  return Object.freeze(kept.sort(inOrder).map(encodeManager)) as ManagedFieldsEntry[];
}

function encodeManager(manager: Manager): ManagedFieldsEntry {
  if (manager.entry && manager.entry.time === manager.time && decodeSet(manager.entry.fieldsV1) === manager.set) {
    return manager.entry;
  }
  const entry: ManagedFieldsEntry = {
    manager: manager.name,
    operation: manager.operation,
    apiVersion: manager.apiVersion,
    ...(manager.time === undefined ? {} : { time: manager.time }),
    fieldsType: 'FieldsV1',
    fieldsV1: encodeSet(manager.set),
    ...(manager.subresource === '' ? {} : { subresource: manager.subresource }),
  };
  // Settled: it is shared from here on instead of read and ordered again.
  return deepFreeze(entry);
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const inOrder = (a: Manager, b: Manager): number =>
  compareText(a.operation, b.operation) ||
  compareText(a.time ?? '', b.time ?? '') ||
  compareText(a.name, b.name) ||
  compareText(a.apiVersion, b.apiVersion) ||
  compareText(a.subresource, b.subresource);

function cap(managers: Manager[]): Manager[] {
  const updaters = managers.filter(({ operation }) => operation === 'Update');
  if (updaters.length <= MOST_UPDATERS) return managers;
  const oldest = updaters.sort(inOrder).slice(0, updaters.length - MOST_UPDATERS + 1);
  const folded: Manager = {
    ...oldest.at(-1)!,
    name: ANCIENT,
    subresource: '',
    set: oldest.map(({ set }) => set).reduce(union),
    entry: undefined,
  };
  return [...managers.filter((manager) => !oldest.includes(manager)), folded];
}

/** The manager with another set; only a writer's own time moves. */
export const withSet = (manager: Manager, set: FieldSet, now?: string): Manager =>
  manager.set === set || sameSet(manager.set, set)
    ? manager
    : { ...manager, set, time: now ?? manager.time, entry: undefined };
