import type { KubeObject } from '../../object.ts';
import type { Resource } from '../../resources/resource.ts';
import type { FieldSet } from './field-set.ts';
import { isFields, keyElement, ownershipOf, ownershipWithin, valueElement } from './field-schema.ts';
import type { Ownership } from './ownership.ts';

/** The live object with a configuration laid over it (structured-merge-diff typed/merge.go). Neither is changed. */
export function mergeConfiguration(live: KubeObject, configuration: KubeObject, row: Resource): KubeObject {
  const merged: Record<string, unknown> = { ...live };
  for (const [field, value] of Object.entries(configuration)) {
    const ownership = ownershipOf(row, field);
    merged[field] = ownership ? merge(live[field], value, ownership) : value;
  }
  return merged as KubeObject;
}

function merge(live: unknown, wanted: unknown, ownership: Ownership): unknown {
  if (live === undefined || live === null || wanted === null) return wanted;
  switch (ownership.by) {
    case 'whole':
      return wanted;
    case 'deduction':
    case 'fields':
    case 'entries': {
      if (!isFields(live) || !isFields(wanted)) return wanted;
      const merged: Record<string, unknown> = { ...live };
      for (const [name, part] of Object.entries(wanted)) {
        const within = ownershipWithin(ownership, name);
        merged[name] = within ? merge(live[name], part, within) : part;
      }
      return merged;
    }
    case 'elements':
      return mergeItems(live, wanted, valueElement, (_live, item) => item);
    default:
      return mergeItems(
        live,
        wanted,
        (item) => keyElement(item as Record<string, unknown>, ownership.keys),
        (old, item) => merge(old, item, ownership.of),
      );
  }
}

/**
 * Items that only the live list has keep their places, those that both have come in the wanted order, and new ones stand where the wanted
 * list has them, behind the live ones that nothing holds back (mergingWalker.visitListItems).
 */
function mergeItems(
  live: unknown,
  wanted: unknown,
  elementOf: (item: unknown) => string,
  both: (live: unknown, wanted: unknown) => unknown,
): unknown {
  if (!Array.isArray(live) || !Array.isArray(wanted)) return wanted;
  const left = live.map(elementOf);
  const right = wanted.map(elementOf);
  const lived = new Map(left.map((element, index) => [element, index]));
  const asked = new Set(right);
  const shared = right.filter((element) => lived.has(element));
  const done = new Set<string>();
  const merged: unknown[] = [];
  let l = 0;
  let r = 0;
  const takeWanted = (): void => {
    const element = right[r]!;
    const at = lived.get(element);
    merged.push(at === undefined ? wanted[r] : both(live[at], wanted[r]));
    done.add(element);
    if (shared[0] === element) shared.shift();
    r++;
  };
  while (l < left.length || r < right.length) {
    const element = left[l];
    if (element !== undefined && element === right[r]) {
      takeWanted();
      l++;
    } else if (element !== undefined && !asked.has(element)) {
      merged.push(live[l]);
      l++;
    } else if (element !== undefined && (r >= right.length || done.has(element) || shared[0] !== element)) {
      l++; // it stands elsewhere in the wanted order
    } else takeWanted();
  }
  return merged;
}

/**
 * Takes out what the applier owned before, no longer speaks of, and nobody else owns (merge.Updater.prune). `last` is what it owned,
 * `owned` what anyone owns now.
 */
export function prune(merged: KubeObject, row: Resource, last: FieldSet, owned: FieldSet): KubeObject {
  const pruned: Record<string, unknown> = { ...merged };
  for (const [element, part] of last.children ?? []) {
    const field = element.slice(2);
    const ownership = ownershipOf(row, field);
    const kept = owned.children?.get(element);
    if (!ownership || pruned[field] === undefined) continue;
    if (kept || field === 'metadata') pruned[field] = pruneWithin(pruned[field], ownership, part, kept);
    else delete pruned[field];
  }
  return pruned as KubeObject;
}

function pruneWithin(value: unknown, ownership: Ownership, last: FieldSet, owned: FieldSet | undefined): unknown {
  if (!last.children) return value;
  if (isFields(value)) {
    const pruned = { ...value };
    for (const [element, part] of last.children) {
      const name = element.slice(2);
      const within = ownershipWithin(ownership, name);
      if (!(name in pruned) || !within) continue;
      const kept = owned?.children?.get(element);
      if (kept) pruned[name] = pruneWithin(pruned[name], within, part, kept);
      else delete pruned[name];
    }
    return pruned;
  }
  if (!Array.isArray(value) || (ownership.by !== 'keys' && ownership.by !== 'elements')) return value;
  return value.flatMap((item: unknown) => {
    const element =
      ownership.by === 'keys' ? keyElement(item as Record<string, unknown>, ownership.keys) : valueElement(item);
    const part = last.children!.get(element);
    if (!part) return [item];
    const kept = owned?.children?.get(element);
    if (!kept) return [];
    return ownership.by === 'keys' ? [pruneWithin(item, ownership.of, part, kept)] : [item];
  });
}
