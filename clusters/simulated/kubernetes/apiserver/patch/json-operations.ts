/** One operation of RFC 6902, as it was sent; null says as little as nothing. */
export interface JsonOperation {
  readonly op?: string | null;
  readonly path?: string | null;
  readonly from?: string | null;
  readonly value?: unknown;
}

/** An operation that does not apply, in the words of the library that kube-apiserver uses (evanphx/json-patch v4, patch.go). */
export class JsonPatchError extends Error {}

/** Characters of JSON that all copies of one patch may make together (server/config.go JSONPatchMaxCopyBytes). */
const MOST_COPIED = 3 * 1024 * 1024;
/** Such names reach JavaScript's own machinery, and no API type has them. */
const REFUSED = new Set(['__proto__', 'constructor', 'prototype']);

const MISSING = 'missing value';
const INVALID_INDEX = 'invalid index referenced';

type Container = unknown[] | Record<string, unknown>;

/** The document after all operations. Neither argument is changed. Throws `JsonPatchError` for the first that does not apply. */
export function applyJsonOperations(document: unknown, operations: readonly JsonOperation[]): unknown {
  const patching = new Patching(structuredClone(document));
  for (const operation of operations) patching.apply(operation);
  return patching.root;
}

/** The same on the object itself, which stays as it was when something does not apply. */
export function patchInPlace(object: Record<string, unknown>, operations: readonly JsonOperation[]): void {
  const patched = applyJsonOperations(object, operations);
  for (const field of Object.keys(object)) delete object[field];
  Object.assign(object, patched);
}

class Patching {
  root: unknown;
  #copied = 0;

  constructor(root: unknown) {
    this.root = root;
  }

  apply({ op: named, path, from, value }: JsonOperation): void {
    const op = named ?? 'unknown';
    if (path === undefined || path === null)
      throw new JsonPatchError(`failed to read op path: unable to extract path: ${MISSING}`);
    switch (op) {
      case 'add':
        return this.#add(op, path, structuredClone(value ?? null));
      case 'remove':
        return this.#remove(op, path);
      case 'replace':
        return this.#replace(path, structuredClone(value ?? null));
      case 'test':
        return this.#test(path, value ?? null);
      case 'move': {
        const moved = this.#read(op, from);
        this.#remove(op, from!);
        return this.#add(op, path, moved);
      }
      case 'copy': {
        const copy = structuredClone(this.#read(op, from));
        this.#copied += JSON.stringify(copy).length;
        if (this.#copied > MOST_COPIED) {
          throw new JsonPatchError(
            `Unable to complete the copy, the accumulated size increase of copy is ${this.#copied}, exceeding the limit ${MOST_COPIED}`,
          );
        }
        return this.#add(op, path, copy);
      }
      default:
        throw new JsonPatchError(`Unexpected kind: ${op}`);
    }
  }

  #add(op: string, path: string, value: unknown): void {
    if (path === '') {
      this.root = value;
      return;
    }
    const { container, key } = this.#find(op, path);
    if (!Array.isArray(container)) container[key] = value;
    else if (key === '-') container.push(value);
    else container.splice(this.#index(key, container.length + 1, `error in add for path: '${path}'`), 0, value);
  }

  #remove(op: string, path: string): void {
    const { container, key } = this.#find(op, path);
    const where = `error in remove for path: '${path}'`;
    if (Array.isArray(container)) container.splice(this.#index(key, container.length, where), 1);
    else if (Object.hasOwn(container, key)) delete container[key];
    else throw new JsonPatchError(`${where}: Unable to remove nonexistent key: ${key}: ${MISSING}`);
  }

  #replace(path: string, value: unknown): void {
    if (path === '') {
      this.root = value;
      return;
    }
    const { container, key } = this.#find('replace', path);
    if (Array.isArray(container)) {
      container[this.#index(key, container.length, `replace operation does not apply: doc is missing key: ${path}`)] =
        value;
    } else if (Object.hasOwn(container, key)) container[key] = value;
    else throw new JsonPatchError(`replace operation does not apply: doc is missing key: ${path}: ${MISSING}`);
  }

  /** What is not there equals null. */
  #test(path: string, expected: unknown): void {
    const found = path === '' ? this.root : this.#at(this.#find('test', path));
    if (!same(found ?? null, expected)) throw new JsonPatchError(`testing value ${path} failed: test failed`);
  }

  #read(op: string, from: string | null | undefined): unknown {
    if (from === undefined || from === null)
      throw new JsonPatchError(`${op} operation failed to decode from: ${MISSING}`);
    const value = this.#at(this.#find(op, from));
    if (value !== undefined) return value;
    throw new JsonPatchError(`${op} operation does not apply: doc is missing from path: ${from}: ${MISSING}`);
  }

  #at({ container, key }: { container: Container; key: string }): unknown {
    if (!Array.isArray(container)) return Object.hasOwn(container, key) ? container[key] : undefined;
    return /^-?\d+$/.test(key) ? container.at(Number(key)) : undefined;
  }

  /** The parent of the value at a JSON pointer, and the value's name in it. */
  #find(op: string, path: string): { container: Container; key: string } {
    const parts = path.split('/').map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
    let value: unknown = this.root;
    for (const part of parts.slice(1, -1)) {
      value = isContainer(value) && !REFUSED.has(part) ? this.#at({ container: value, key: part }) : undefined;
    }
    const key = parts.at(-1)!;
    if (parts.length > 1 && isContainer(value) && !REFUSED.has(key)) return { container: value, key };
    throw new JsonPatchError(
      `${op} operation does not apply: doc is missing path: ${JSON.stringify(path)}: ${MISSING}`,
    );
  }

  /** Negative places count from the end. */
  #index(key: string, length: number, where: string): number {
    if (!/^[+-]?\d+$/.test(key)) {
      throw new JsonPatchError(`${where}: strconv.Atoi: parsing ${JSON.stringify(key)}: invalid syntax`);
    }
    const index = Number(key);
    if (index >= length || index < -length) {
      throw new JsonPatchError(`${where}: Unable to access invalid index: ${index}: ${INVALID_INDEX}`);
    }
    return index < 0 ? index + length : index;
  }
}

const isContainer = (value: unknown): value is Container => typeof value === 'object' && value !== null;

function same(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (!isContainer(a) || !isContainer(b) || Array.isArray(a) !== Array.isArray(b)) return false;
  const [left, right] = [Object.entries(a), b as Record<string, unknown>];
  return left.length === Object.keys(b).length && left.every(([key, value]) => same(value, right[key]));
}
