import { badPatch, goMap } from './patch-errors.ts';

type Fields = Record<string, unknown>;

/** Tells the place of an element in a list, by its merge key or, for scalars, by itself; -1 where it has none. */
export function orderFor(list: readonly unknown[], mergeKey: string | undefined): (item: unknown) => number {
  const places = new Map<unknown, number>();
  for (const [at, item] of list.entries()) {
    const identity = identityOf(item, mergeKey, at);
    if (!places.has(identity)) places.set(identity, at);
  }
  return (item) => places.get(identityOf(item, mergeKey)) ?? -1;
}

function identityOf(item: unknown, mergeKey: string | undefined, at = 0): unknown {
  if (mergeKey === undefined) return item;
  if (typeof item !== 'object' || item === null) throw badPatch(`value for key ${at} is not a map`);
  if (!Object.hasOwn(item, mergeKey)) {
    throw badPatch(`map: ${goMap(item)} does not contain declared merge key: ${mergeKey}`);
  }
  return (item as Fields)[mergeKey];
}

/**
 * Sorts a merged list (strategicpatch normalizeElementOrder, mergeSortedSlice): what `order` names in its order, woven with the rest as
 * it stood in `before`. A named element that is new goes before what is left of the rest.
 */
export function inOrder(
  merged: readonly unknown[],
  order: readonly unknown[],
  before: readonly unknown[],
  mergeKey: string | undefined,
): unknown[] {
  const placeIn = orderFor(order, mergeKey);
  const placeBefore = orderFor(before, mergeKey);
  const named = merged.filter((item) => placeIn(item) >= 0).sort((a, b) => placeIn(a) - placeIn(b));
  const rest = merged.filter((item) => placeIn(item) < 0).sort((a, b) => placeBefore(a) - placeBefore(b));
  const woven: unknown[] = [];
  let i = 0;
  for (const item of named) {
    const place = placeBefore(item);
    for (; i < rest.length; i++) {
      const other = placeBefore(rest[i]);
      if (other < 0 || other >= place) break;
      woven.push(rest[i]);
    }
    woven.push(item);
  }
  return [...woven, ...rest.slice(i)];
}
