import { deepFreeze, type KubeObject } from '../object.ts';
import type { StoreEvent } from './cluster.ts';
import { Shelf, type Entry, type Keeping } from './shelf.ts';

export interface StoreSnapshot {
  readonly revision: number;
  readonly shelves: ReadonlyMap<string, ReadonlyMap<string, Entry>>;
}

/** A change of one key, whatever it belongs to. */
export interface StoreChange extends StorageKey {
  readonly revision: number;
  readonly before: Entry | undefined;
  readonly after: Entry | undefined;
}

/** `/registry/pods` and `ns/name`, as `Shelf` and etcd divide a key. */
export interface StorageKey {
  readonly prefix: string;
  readonly key: string;
}

/**
 * The cluster's objects under one revision counter, as etcd keeps them: every change takes the next revision. It knows keys and
 * revisions only; what may be written is decided before (registry/).
 */
export class Store {
  #revision = 1; // etcd begins at 1
  readonly #shelves = new Map<string, Shelf>();
  readonly #failed: (error: unknown) => void;
  readonly #listeners = new Set<(change: StoreChange) => void>();
  #keepingOf: (prefix: string) => Keeping | undefined = () => undefined;

  /** `failed` hears of listeners that throw. */
  constructor(failed: (error: unknown) => void) {
    this.#failed = failed;
  }

  get revision(): number {
    return this.#revision;
  }

  shelf(prefix: string): Shelf {
    let shelf = this.#shelves.get(prefix);
    if (!shelf) {
      shelf = new Shelf(0, this.#failed);
      shelf.keepBy(this.#keepingOf(prefix));
      this.#shelves.set(prefix, shelf);
    }
    return shelf;
  }

  /** Decides how each shelf keeps its objects from now on (encryption at rest). */
  keepBy(keepingOf: (prefix: string) => Keeping | undefined): void {
    this.#keepingOf = keepingOf;
    for (const [prefix, shelf] of this.#shelves) shelf.keepBy(keepingOf(prefix));
  }

  /** Whether some object lies there as bytes. */
  isSealed(prefix: string): boolean {
    return this.#shelves.get(prefix)?.hasSealed() ?? false;
  }

  /** Writes a draft that the caller gives away: it gets its resourceVersion and is frozen. Returns it. `atRest`: see `Shelf.put`. */
  put({ prefix, key }: StorageKey, draft: KubeObject, old: KubeObject | undefined, atRest?: Buffer): KubeObject {
    const revision = ++this.#revision;
    draft.metadata.resourceVersion = String(revision);
    const object = deepFreeze(draft);
    const event: StoreEvent = old ? { type: 'MODIFIED', object, old, revision } : { type: 'ADDED', object, revision };
    this.#change({ prefix, key }, revision, (shelf) => shelf.put(key, event, atRest));
    return object;
  }

  /** Removes it; its last state, which the event and the caller get, carries the revision of the deletion. */
  remove({ prefix, key }: StorageKey, last: KubeObject): KubeObject {
    const revision = ++this.#revision;
    const object = deepFreeze({ ...last, metadata: { ...last.metadata, resourceVersion: String(revision) } });
    this.#change({ prefix, key }, revision, (shelf) =>
      shelf.remove(key, { type: 'DELETED', object, old: last, revision }),
    );
    return object;
  }

  /** Takes a revision for a change of something that is no object. */
  advance(): number {
    return ++this.#revision;
  }

  /** Tells of every change of any key, after those who listen to its shelf. A restored snapshot is none. */
  listen(listener: (change: StoreChange) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  #change({ prefix, key }: StorageKey, revision: number, make: (shelf: Shelf) => void): void {
    const shelf = this.shelf(prefix);
    const before = shelf.entry(key);
    make(shelf);
    for (const listener of this.#listeners) listener({ prefix, key, revision, before, after: shelf.entry(key) });
  }

  snapshot(): StoreSnapshot {
    const shelves = new Map<string, ReadonlyMap<string, Entry>>();
    for (const [prefix, shelf] of this.#shelves) if (shelf.size > 0) shelves.set(prefix, shelf.freeze());
    return { revision: this.#revision, shelves };
  }

  /** The revision goes on counting, so that no client sees time run backwards; logs are compacted, so that watchers list again. */
  restore(snapshot: StoreSnapshot): void {
    for (const prefix of snapshot.shelves.keys()) this.shelf(prefix);
    for (const [prefix, shelf] of this.#shelves)
      shelf.thaw(snapshot.shelves.get(prefix) ?? new Map(), () => ++this.#revision);
  }

  /** Every key at rest in order, for etcd's API. */
  *entries(): Generator<{ prefix: string; key: string; entry: Entry }> {
    for (const prefix of [...this.#shelves.keys()].sort())
      for (const key of this.#shelves.get(prefix)!.keys('')) {
        yield { prefix, key, entry: this.#shelves.get(prefix)!.entry(key)! };
      }
  }

  /** The state of one resource as of an earlier revision: later changes undone. Undefined when the log no longer reaches back. */
  asOf(prefix: string, revision: number): Map<string, KubeObject> | undefined {
    const shelf = this.shelf(prefix);
    const later = shelf.log.after(revision);
    if (!later) return undefined;
    const state = new Map(shelf.keys('').map((key) => [key, shelf.get(key)!]));
    for (const event of later.toReversed()) {
      const { namespace, name } = event.object.metadata;
      const key = namespace ? `${namespace}/${name}` : name;
      if (event.old) state.set(key, event.old);
      else state.delete(key);
    }
    return state;
  }
}
