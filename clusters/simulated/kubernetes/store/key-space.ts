import type { RowTable } from '../apiserver/registry/rows.ts';
import { decodeProtobuf } from '../model/protobuf.ts';
import { cloneJson, type KubeObject } from '../object.ts';
import type { Resource } from '../resources/resource.ts';
import { bytesAtRest } from './sealed-keeping.ts';
import type { Entry } from './shelf.ts';
import type { Store } from './store.ts';

/** One key as etcd has it. */
export interface KeyEntry {
  readonly key: string;
  /** The bytes at rest. */
  readonly value: () => Uint8Array;
  readonly createRevision: number;
  readonly modRevision: number;
  readonly version: number;
}

export interface KeyChange {
  readonly key: string;
  readonly revision: number;
  readonly before: KeyEntry | undefined;
  /** Undefined for a key that was taken out. */
  readonly after: KeyEntry | undefined;
}

/** Keys that are no objects of the cluster's, and the bytes of their values together. */
const MOST_OTHERS = 1000;
const MOST_OTHER_BYTES = 4 * 1024 * 1024;

/**
 * The store as the key space of an etcd that others write to as well, past the API server: no admission, no validation, no finalizers. Its
 * watchers and the cluster's own parts hear of every change, whoever made it.
 */
export class KeySpace {
  readonly #store: Store;
  readonly #rows: RowTable;
  readonly #others = new Map<string, KeyEntry>();
  readonly #listeners = new Set<(change: KeyChange) => void>();

  constructor(store: Store, rows: RowTable) {
    this.#store = store;
    this.#rows = rows;
    store.listen(({ prefix, key, revision, before, after }) => {
      const row = this.#rowAt(prefix);
      if (!row || this.#listeners.size === 0) return;
      const path = `${prefix}/${key}`;
      const shown = (entry: Entry | undefined): KeyEntry | undefined => entry && entryOf(path, entry, row);
      this.#tell({ key: path, revision, before: shown(before), after: shown(after) });
    });
  }

  revision(): number {
    return this.#store.revision;
  }

  /** Entries whose key begins with the prefix, in no particular order. */
  read(prefix: string): readonly KeyEntry[] {
    const found = [...this.#others.values()].filter(({ key }) => key.startsWith(prefix));
    for (const { prefix: shelf, key, entry } of this.#store.entries()) {
      const path = `${shelf}/${key}`;
      const row = path.startsWith(prefix) ? this.#rowAt(shelf) : undefined;
      if (row) found.push(entryOf(path, entry, row));
    }
    return found;
  }

  get(path: string): KeyEntry | undefined {
    const row = this.#rowOf(path);
    if (!row) return this.#others.get(path);
    const entry = this.#store.shelf(row.storagePrefix).entry(keyIn(row, path));
    return entry && entryOf(path, entry, row);
  }

  /**
   * Writes a value as it is to lie there. Under a resource's prefix it has to be one of its objects, under its own name. Throws with the
   * reason.
   */
  put(path: string, value: Buffer): void {
    const row = this.#rowOf(path);
    if (!row) return this.#putOther(path, value);
    const key = keyIn(row, path);
    const shelf = this.#store.shelf(row.storagePrefix);
    const object = this.#decode(row, key, value);
    const { namespace = '', name } = object.metadata ?? {};
    if ((row.namespaced ? `${namespace}/${name}` : name) !== key) {
      throw new Error(`not simulated: an object at ${path} that is named otherwise`);
    }
    this.#store.put({ prefix: row.storagePrefix, key }, object, shelf.get(key), value);
  }

  /** Takes a key out; nothing happens when it is not there. */
  remove(path: string): void {
    const row = this.#rowOf(path);
    if (row) {
      const key = keyIn(row, path);
      const last = this.#store.shelf(row.storagePrefix).get(key);
      if (last) this.#store.remove({ prefix: row.storagePrefix, key }, last);
      return;
    }
    const before = this.#others.get(path);
    if (!before) return;
    this.#others.delete(path);
    this.#tell({ key: path, revision: this.#store.advance(), before, after: undefined });
  }

  listen(listener: (change: KeyChange) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  /** Forgets the keys that are no objects, as a reset does. */
  clear(): void {
    this.#others.clear();
  }

  #putOther(path: string, value: Buffer): void {
    const before = this.#others.get(path);
    const bytes = [...this.#others.values()].reduce((sum, entry) => sum + entry.value().length, value.length);
    if (bytes > MOST_OTHER_BYTES || (!before && this.#others.size >= MOST_OTHERS)) {
      throw new Error('etcdserver: mvcc: database space exceeded');
    }
    const revision = this.#store.advance();
    const createRevision = before?.createRevision ?? revision;
    const version = (before?.version ?? 0) + 1;
    const after = { key: path, value: () => value, createRevision, modRevision: revision, version };
    this.#others.set(path, after);
    this.#tell({ key: path, revision, before, after });
  }

  #decode(row: Resource, key: string, value: Buffer): KubeObject {
    try {
      const sealed = this.#store.shelf(row.storagePrefix).read(key, value);
      if (sealed) return cloneJson(sealed);
      if (value[0] === 0x7b) return JSON.parse(value.toString('utf8')) as KubeObject;
      const { object, type } = decodeProtobuf(value);
      if (type === row.type) return object;
    } catch (error) {
      throw new Error(`not simulated: a ${row.kind} that cannot be read: ${(error as Error).message}`, {
        cause: error,
      });
    }
    throw new Error(`not simulated: something other than a ${row.kind} under ${row.storagePrefix}`);
  }

  #tell(change: KeyChange): void {
    for (const listener of this.#listeners) listener(change);
  }

  #rowAt(prefix: string): Resource | undefined {
    return this.#rows.all.find((row) => row.storagePrefix === prefix && !row.conversion);
  }

  #rowOf(path: string): Resource | undefined {
    return this.#rows.all
      .filter((row) => !row.conversion && row.storagePrefix !== '' && path.startsWith(`${row.storagePrefix}/`))
      .sort((a, b) => b.storagePrefix.length - a.storagePrefix.length)[0];
  }
}

const keyIn = ({ storagePrefix }: Resource, path: string): string => path.slice(storagePrefix.length + 1);

const entryOf = (key: string, { kept, revision, created, version }: Entry, row: Resource): KeyEntry => ({
  key,
  value: () => bytesAtRest(kept, row),
  createRevision: created,
  modRevision: revision,
  version,
});
