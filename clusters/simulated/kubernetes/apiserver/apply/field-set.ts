import type { Json } from '../../object.ts';

/**
 * A set of field paths (structured-merge-diff fieldpath.Set), as the tree that FieldsV1 writes: elements are `f:name`,
 * `k:{"name":"web"}` and `v:"value"`; `member` says that the path up to here belongs to the set. Sets are never changed once shared.
 */
export interface FieldSet {
  member: boolean;
  children: Map<string, FieldSet> | undefined;
}

export const emptySet = (): FieldSet => ({ member: false, children: undefined });

export function isEmpty(set: FieldSet): boolean {
  if (set.member) return false;
  if (set.children !== undefined) for (const child of set.children.values()) if (!isEmpty(child)) return false;
  return true;
}

/** Adds a path to a set that the caller still owns. */
export function insert(set: FieldSet, path: readonly string[]): void {
  let node = set;
  for (const element of path) {
    node.children ??= new Map();
    let child = node.children.get(element);
    if (!child) {
      child = emptySet();
      node.children.set(element, child);
    }
    node = child;
  }
  node.member = true;
}

export function has(set: FieldSet, path: readonly string[]): boolean {
  let node: FieldSet | undefined = set;
  for (const element of path) node = node?.children?.get(element);
  return node?.member ?? false;
}

/** `a` itself when `b` adds nothing: a manager who writes the same fields again keeps the very set, whose FieldsV1 is known. */
export function union(a: FieldSet, b: FieldSet): FieldSet {
  const member = a.member || b.member;
  let children = a.children;
  if (children === undefined) children = b.children;
  else
    for (const [element, child] of b.children ?? []) {
      const other = a.children?.get(element);
      const both = other ? union(other, child) : child;
      if (both === other) continue;
      if (children === a.children) children = new Map(children);
      children?.set(element, both);
    }
  return member === a.member && children === a.children ? a : { member, children };
}

/** The members of `a` that are no members of `b`; `a` itself when there is nothing in common. */
export function difference(a: FieldSet, b: FieldSet): FieldSet {
  const member = a.member && !b.member;
  let children = a.children;
  for (const [element, gone] of b.children ?? []) {
    const child = a.children?.get(element);
    const left = child && difference(child, gone);
    if (child === undefined || left === undefined || left === child) continue;
    if (children === a.children) children = new Map(children);
    if (isEmpty(left)) children?.delete(element);
    else children?.set(element, left);
  }
  if (children?.size === 0) children = undefined;
  return member === a.member && children === a.children ? a : { member, children };
}

/** The members of both. */
export function intersection(a: FieldSet, b: FieldSet): FieldSet {
  let children: Map<string, FieldSet> | undefined;
  for (const [element, child] of a.children ?? []) {
    const other = b.children?.get(element);
    const both = other && intersection(child, other);
    if (both && !isEmpty(both)) (children ??= new Map()).set(element, both);
  }
  return { member: a.member && b.member, children };
}

export function sameSet(a: FieldSet, b: FieldSet): boolean {
  if (a.member !== b.member || (a.children?.size ?? 0) !== (b.children?.size ?? 0)) return false;
  for (const [element, child] of a.children ?? []) {
    const other = b.children?.get(element);
    if (!other || !sameSet(child, other)) return false;
  }
  return true;
}

/** Every member's path, shallow ones first within a branch. */
export function* paths(set: FieldSet, prefix: readonly string[] = []): Generator<readonly string[]> {
  if (set.member) yield prefix;
  const elements = [...(set.children?.keys() ?? [])].sort();
  for (const element of elements) yield* paths(set.children!.get(element)!, [...prefix, element]);
}

/** FieldsV1, frozen: `.` says that the path itself is a member when it has children as well. Written once for each set. */
export function encodeSet(set: FieldSet): Readonly<Record<string, Json>> {
  const known = encoded.get(set);
  if (known) return known;
  const fields = encodeNode(set);
  encoded.set(set, fields);
  if (fields !== LEAF) decoded.set(fields, set);
  return fields;
}

const encoded = new WeakMap<FieldSet, Readonly<Record<string, Json>>>();
const LEAF: Readonly<Record<string, Json>> = Object.freeze({});

function encodeNode(set: FieldSet): Readonly<Record<string, Json>> {
  if (!set.children || set.children.size === 0) return LEAF;
  const fields: Record<string, Json> = {};
  if (set.member) fields['.'] = LEAF;
  const elements = [...set.children.keys()];
  if (elements.length > 1) elements.sort();
  for (const element of elements) fields[element] = encodeNode(set.children.get(element)!);
  return Object.freeze(fields);
}

const decoded = new WeakMap<object, FieldSet>();

/** Reads FieldsV1; sets are cached by the frozen object they were read from. Throws for what is no such tree. */
export function decodeSet(fields: Readonly<Record<string, unknown>>): FieldSet {
  const known = decoded.get(fields);
  if (known) return known;
  const set = decodeNode(fields, 0);
  set.member = Object.hasOwn(fields, '.');
  if (Object.isFrozen(fields)) decoded.set(fields, set);
  return set;
}

/** Deeper than any API type; bounds what a client can make us recurse. */
const DEEPEST = 100;

function decodeNode(fields: Readonly<Record<string, unknown>>, depth: number): FieldSet {
  if (depth > DEEPEST) throw new Error('fieldsV1 is nested too deeply');
  const names = Object.keys(fields);
  if (names.length === 0) return { member: true, children: undefined };
  const set: FieldSet = { member: false, children: undefined };
  for (const name of names) {
    if (name === '.') {
      set.member = true;
      continue;
    }
    const child = fields[name];
    if (typeof child !== 'object' || child === null || !/^[fkvi]:/.test(name))
      throw new Error(`no field path: ${name}`);
    (set.children ??= new Map()).set(name, decodeNode(child as Record<string, unknown>, depth + 1));
  }
  return set;
}

/** `.spec.containers[name="web"].image`, as conflicts name it. */
export function pathText(path: readonly string[]): string {
  let text = '';
  for (const element of path) {
    const rest = element.slice(2);
    if (element.startsWith('f:')) text += `.${rest}`;
    else if (element.startsWith('v:')) text += `[=${rest}]`;
    else if (element.startsWith('i:')) text += `[${rest}]`;
    else {
      const keys = Object.entries(JSON.parse(rest) as Record<string, unknown>);
      text += `[${keys.map(([key, value]) => `${key}=${JSON.stringify(value)}`).join(',')}]`;
    }
  }
  return text;
}
