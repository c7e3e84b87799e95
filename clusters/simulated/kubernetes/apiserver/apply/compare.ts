import type { KubeObject } from '../../object.ts';
import type { Resource } from '../../resources/resource.ts';
import { equal } from '../../model/equality.ts';
import { insert, emptySet, type FieldSet } from './field-set.ts';
import { isFields, keyElement, ownershipOf, ownershipWithin, UNOWNED_METADATA, valueElement } from './field-schema.ts';
import type { Ownership } from './ownership.ts';

export interface Comparison {
  readonly added: FieldSet;
  readonly modified: FieldSet;
  readonly removed: FieldSet;
  readonly same: boolean;
}

/** Which fields a subresource may speak for at the root of an object; what it resets belongs to nobody who writes it. */
export function ownedRoots(row: Resource, subresource: string): (field: string) => boolean {
  if (subresource === 'status') return (field) => field === 'status' || field === 'metadata';
  const hasStatus = row.subresources.some(({ name }) => name === 'status');
  const reset = subresource === '' ? row.strategy.resetFields : undefined;
  return (field) =>
    field !== 'apiVersion' && field !== 'kind' && !(hasStatus && field === 'status') && !reset?.includes(field);
}

/** What differs between two states, path by path (structured-merge-diff typed/compare.go). */
export function compare(
  before: KubeObject,
  after: KubeObject,
  row: Resource,
  owned: (field: string) => boolean,
): Comparison {
  const walk = new Walk();
  const root = (field: string): void => {
    const ownership = owned(field) ? ownershipOf(row, field) : undefined;
    if (!ownership) return;
    walk.path.push(`f:${field}`);
    if (field === 'metadata') walk.metadata(before.metadata as never, after.metadata as never, ownership);
    else walk.value(before[field], after[field], ownership);
    walk.path.pop();
  };
  for (const field in after) root(field);
  for (const field in before) if (!Object.hasOwn(after, field)) root(field);
  return { added: walk.added, modified: walk.modified, removed: walk.removed, same: !walk.differs };
}

class Walk {
  readonly path: string[] = [];
  readonly added = emptySet();
  readonly modified = emptySet();
  readonly removed = emptySet();
  differs = false;

  metadata(a: Fields, b: Fields, ownership: Ownership): void {
    this.#members(a, b, ownership, UNOWNED_METADATA);
  }

  value(a: unknown, b: unknown, ownership: Ownership): void {
    if (a === b) return;
    switch (ownership.by) {
      case 'whole':
        this.#leaf(a, b);
        return;
      case 'deduction':
        if (isFields(a) || isFields(b)) this.#fields(a, b, ownership);
        else this.#leaf(a, b);
        return;
      case 'fields':
      case 'entries':
        this.#fields(a, b, ownership);
        return;
      case 'elements':
        this.#items(a, b, (item) => valueElement(item), undefined);
        return;
      case 'keys':
        this.#items(a, b, (item) => keyElement(item as Record<string, unknown>, ownership.keys), ownership.of);
    }
  }

  #fields(a: unknown, b: unknown, ownership: Ownership): void {
    const left = isFields(a) ? a : undefined;
    const right = isFields(b) ? b : undefined;
    // Both empty: a leaf, so that "empty" and "absent" stay different.
    if ((!hasMember(left) && !hasMember(right)) || (a !== undefined && !left) || (b !== undefined && !right)) {
      this.#leaf(a, b);
      return;
    }
    if (!left) this.#mark(this.added);
    else if (!right) this.#mark(this.removed);
    this.#members(left, right, ownership);
  }

  /** Members of both, then those that only `a` has. Nothing is made for what is the same, which is most of it. */
  #members(a: Fields | undefined, b: Fields | undefined, ownership: Ownership, except?: ReadonlySet<string>): void {
    for (const name in b) if (!except?.has(name)) this.#member(name, memberOf(a, name), b[name], ownership);
    for (const name in a)
      if (!except?.has(name) && !(b && Object.hasOwn(b, name))) this.#member(name, a[name], undefined, ownership);
  }

  #member(name: string, a: unknown, b: unknown, ownership: Ownership): void {
    // A null that meets nothing is nothing.
    if (a === b || ((a ?? undefined) === undefined && (b ?? undefined) === undefined)) return;
    const within = ownershipWithin(ownership, name);
    if (!within) return;
    this.path.push(`f:${name}`);
    this.value(a, b, within);
    this.path.pop();
  }

  #items(a: unknown, b: unknown, elementOf: (item: unknown) => string, of: Ownership | undefined): void {
    const left = Array.isArray(a) ? a : undefined;
    const right = Array.isArray(b) ? b : undefined;
    if ((left?.length ?? 0) + (right?.length ?? 0) === 0) {
      this.#leaf(a, b);
      return;
    }
    if (!left) this.#mark(this.added);
    else if (!right) this.#mark(this.removed);
    const items = new Map<string, { a?: unknown; b?: unknown }>();
    for (const item of left ?? []) items.set(elementOf(item), { a: item });
    for (const item of right ?? []) {
      const element = elementOf(item);
      const found = items.get(element);
      if (found) found.b = item;
      else items.set(element, { b: item });
    }
    for (const [element, pair] of items) {
      this.path.push(element);
      if (of) this.value(pair.a, pair.b, of);
      else this.#leaf(pair.a, pair.b);
      this.path.pop();
    }
  }

  #leaf(a: unknown, b: unknown): void {
    if (a === undefined) {
      if (b !== undefined) this.#mark(this.added);
    } else if (b === undefined) this.#mark(this.removed);
    else if (!equal(a, b)) this.#mark(this.modified);
  }

  #mark(set: FieldSet): void {
    this.differs = true;
    insert(set, this.path);
  }
}

type Fields = Readonly<Record<string, unknown>>;

const memberOf = (fields: Fields | undefined, name: string): unknown =>
  fields && Object.hasOwn(fields, name) ? fields[name] : undefined;

function hasMember(fields: Fields | undefined): boolean {
  for (const name in fields) if (fields[name] !== undefined && fields[name] !== null) return true;
  return false;
}
