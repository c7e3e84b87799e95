import type { ManagedFieldsEntry } from '../../object.ts';
import { difference, emptySet, has, insert, isEmpty, type FieldSet } from './field-set.ts';
import { decodeManagers, encodeManagers, sameManager, type Manager } from './managers.ts';

const SCALE_VERSION = 'autoscaling/v1';
const REPLICAS_OF_SCALE = setOf(['f:spec', 'f:replicas']);

type Entries = readonly ManagedFieldsEntry[] | undefined;

/** Who owns the replicas of an object, as owners of its scale (managedfields/scalehandler.go ToSubresource). `path` leads to the replicas. */
export function ownersOfScale(parent: Entries, path: readonly string[]): ManagedFieldsEntry[] | undefined {
  const elements = elementsOf(path);
  const owners = decodeManagers(parent).filter(({ set }) => has(set, elements));
  return encodeManagers(owners.map((owner) => ({ ...asOwnerOfScale(owner), set: REPLICAS_OF_SCALE })));
}

/**
 * The owners of the object after its scale was written by `scale` (ToParent). Owners by Update change their group version on the way and
 * are no longer recognised: the replicas become an entry of their own, without a time, even when nothing else changed.
 */
export function ownersThroughScale(
  parent: Entries,
  scale: Entries,
  path: readonly string[],
  apiVersion: string,
): ManagedFieldsEntry[] | undefined {
  const elements = elementsOf(path);
  const replicas = setOf(elements);
  const rest = decodeManagers(scale).filter(({ set }) => has(set, ['f:spec', 'f:replicas']));
  const kept = decodeManagers(parent).flatMap((owner): Manager[] => {
    if (!has(owner.set, elements)) return [owner];
    const at = rest.findIndex((other) => sameManager(other, owner));
    if (at >= 0) {
      rest.splice(at, 1);
      return [owner];
    }
    const others = difference(owner.set, replicas);
    return isEmpty(others) ? [] : [{ ...owner, set: others, entry: undefined }];
  });
  const taken = rest.map((owner) => ({ ...owner, apiVersion, set: replicas, time: undefined, entry: undefined }));
  return encodeManagers([...kept, ...taken]);
}

const asOwnerOfScale = (owner: Manager): Manager => ({ ...owner, apiVersion: SCALE_VERSION, entry: undefined });

const elementsOf = (path: readonly string[]): string[] => path.map((field) => `f:${field}`);

function setOf(elements: readonly string[]): FieldSet {
  const set = emptySet();
  insert(set, elements);
  return set;
}
