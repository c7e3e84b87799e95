import type { ManagedFieldsEntry } from '../../object.ts';
import { difference, emptySet, has, insert, isEmpty } from './field-set.ts';
import { decodeManagers, encodeManagers, type Manager } from './managers.ts';

/**
 * The owners after a write of the scale that changed nothing. Upstream takes them to the scale and back, on which way those by Update
 * change their group version and are no longer recognised: the replicas become an entry of their own, so that even then the object
 * changes (managedfields/scalehandler.go ToSubresource, ToParent).
 */
export function ownersThroughScale(
  entries: readonly ManagedFieldsEntry[] | undefined,
  path: readonly string[],
): ManagedFieldsEntry[] | undefined {
  const replicas = emptySet();
  const elements = path.map((field) => `f:${field}`);
  insert(replicas, elements);
  const split = (manager: Manager): Manager[] => {
    if (manager.operation !== 'Update' || !has(manager.set, elements)) return [manager];
    const rest = difference(manager.set, replicas);
    const own = { ...manager, set: replicas, entry: undefined };
    return isEmpty(rest) ? [own] : [{ ...manager, set: rest, entry: undefined }, own];
  };
  return encodeManagers(decodeManagers(entries).flatMap(split));
}
