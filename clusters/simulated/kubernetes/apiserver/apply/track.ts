import type { KubeObject } from '../../object.ts';
import type { Resource } from '../../resources/resource.ts';
import { canonical, emptyOf } from '../registry/canonical.ts';
import type { WriteContext } from '../registry/context.ts';
import { apiVersionOf } from '../registry/rows.ts';
import { compare, ownedRoots, type Comparison } from './compare.ts';
import { difference, emptySet, isEmpty, union } from './field-set.ts';
import { encodeManagers, managersOf, sameManager, withSet, type Manager } from './managers.ts';

/** Names longer than this are cut (validation.FieldManagerMaxLength). */
const LONGEST_MANAGER = 128;

export interface Tracked {
  readonly row: Resource;
  /** The state before; undefined for a create. */
  readonly live: KubeObject | undefined;
  readonly draft: KubeObject;
  readonly context: WriteContext;
  /** RFC 3339. */
  readonly now: string;
}

/**
 * Sets managedFields of the draft as an ordinary write (not an apply) does: the writer owns what it changed, and nobody else owns
 * that any more (fieldmanager.Update and structured-merge-diff merge.Updater.Update).
 */
export function trackUpdate({ row, live, draft, context, now }: Tracked): void {
  const managers = managersOf(draft.metadata.managedFields, live?.metadata.managedFields);
  const before = live ?? emptyOf(row);
  // Compared as stored: empty values that the server would not keep are nobody's.
  const after = canonical(draft, row);
  const changes = compare(before, after, row, ownedRoots(row, context.subresource));
  const writer = {
    name: context.fieldManager.slice(0, LONGEST_MANAGER),
    operation: 'Update' as const,
    apiVersion: apiVersionOf(row),
    subresource: context.subresource,
  };
  setManagers(draft, changes.same ? managers : handOver(managers, changes, writer, now));
}

function handOver(
  managers: readonly Manager[],
  changes: Comparison,
  writer: Omit<Manager, 'set' | 'time' | 'entry'>,
  now: string,
): Manager[] {
  const taken = union(changes.modified, changes.added);
  const next: Manager[] = [];
  let own: Manager | undefined;
  for (const manager of managers) {
    if (sameManager(manager, writer)) own = manager;
    else next.push(withSet(manager, difference(difference(manager.set, taken), changes.removed)));
  }
  const kept = own ? difference(own.set, changes.removed) : emptySet();
  const set = union(kept, taken);
  if (!own) next.push({ ...writer, set, time: now, entry: undefined });
  else if (isEmpty(taken)) next.push(withSet(own, set));
  else next.push({ ...own, set, time: now });
  return next;
}

export function setManagers(draft: KubeObject, managers: readonly Manager[]): void {
  const entries = encodeManagers(managers);
  if (entries) draft.metadata.managedFields = entries;
  else delete draft.metadata.managedFields;
}
