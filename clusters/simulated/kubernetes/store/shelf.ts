import type { KubeObject } from '../object.ts';
import type { StoreEvent } from './cluster.ts';
import { EventLog } from './event-log.ts';

/** How a shelf keeps an object: as it is, or as the bytes etcd would hold. */
export type Kept = KubeObject | Buffer;

/** Turns an object into what is kept and back. `key` is `namespace/name` or `name`. */
export interface Keeping {
  keep(key: string, object: KubeObject): Kept;
  /** Throws `ApiError` 500 for bytes that no configured provider reads. */
  recall(key: string, kept: Kept, revision: number): KubeObject;
  /** Whether it would be kept otherwise if it were written now: under another key, or encrypted at last. */
  isStale?(key: string, kept: Kept): boolean;
}

export interface Entry {
  readonly kept: Kept;
  /** Revision of the last change. */
  readonly revision: number;
  /** Revision at which the key came to be, and how often it was written since, as etcd counts. */
  readonly created: number;
  readonly version: number;
}

const NONE: readonly KubeObject[] = Object.freeze([]);
/** New keys that are put between the others one by one; more are sorted in with them. */
const FEW = 8;
const PLAIN: Keeping = { keep: (_key, object) => object, recall: (_key, kept) => kept as KubeObject };

/** All objects of one resource in etcd's key order, with the log of their changes and who listens to it. */
export class Shelf {
  #entries: Map<string, Entry>;
  /** Keys in order, but for those that came since somebody asked. */
  #keys: string[] = [];
  /** These wait to be put in their places, so that many that come in a row move the others once. */
  #newKeys: string[] = [];
  /** What was listed since the last change, by prefix; only lists that hold something, so that nobody makes them many. */
  readonly #lists = new Map<string, readonly KubeObject[]>();
  /** True while a snapshot holds the map: it is copied before the next change. */
  #shared = false;
  #listeners = new Set<(event: StoreEvent) => void>();
  #untold: StoreEvent[] = [];
  #keeping: Keeping = PLAIN;
  readonly log: EventLog;

  readonly #failed: (error: unknown) => void;

  /** `failed` hears of listeners that throw: a change is a fact by then, and the others still hear of it. */
  constructor(revision: number, failed: (error: unknown) => void) {
    this.#failed = failed;
    this.#entries = new Map();
    this.log = new EventLog(revision);
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Sets how later changes are kept; what lies there is rewritten only when it is written again. */
  keepBy(keeping: Keeping | undefined): void {
    this.#keeping = keeping ?? PLAIN;
    this.#lists.clear();
  }

  get(key: string): KubeObject | undefined {
    const entry = this.#entries.get(key);
    return entry && this.#keeping.recall(key, entry.kept, entry.revision);
  }

  /** A write that changes nothing is still made for a stale entry (etcd3 store.GuaranteedUpdate, origState.stale). */
  isStale(key: string): boolean {
    const entry = this.#entries.get(key);
    return entry !== undefined && this.#keeping.isStale?.(key, entry.kept) === true;
  }

  /** The object in bytes that are to be kept here; undefined where objects are not kept as bytes. Throws `ApiError` 500 like `get`. */
  read(key: string, bytes: Buffer): KubeObject | undefined {
    const object: Kept = this.#keeping.recall(key, bytes, 0);
    return Buffer.isBuffer(object) ? undefined : object;
  }

  entry(key: string): Entry | undefined {
    return this.#entries.get(key);
  }

  /** Keys that begin with the prefix, in order. */
  keys(prefix: string): readonly string[] {
    const keys = this.#ordered();
    if (prefix === '') return keys;
    const from = firstNotBefore(keys, prefix);
    // No key holds the highest code unit, so that this is the first key that does not begin so.
    return keys.slice(from, firstNotBefore(keys, `${prefix}\uffff`));
  }

  #ordered(): string[] {
    if (this.#newKeys.length > FEW) this.#keys = [...this.#keys, ...this.#newKeys].sort();
    else for (const key of this.#newKeys) this.#keys.splice(firstNotBefore(this.#keys, key), 0, key);
    this.#newKeys = [];
    return this.#keys;
  }

  /** The objects whose keys begin with the prefix, in order. The same array, frozen, until something changes. */
  list(prefix: string): readonly KubeObject[] {
    const known = this.#lists.get(prefix);
    if (known !== undefined) return known;
    const keys = this.keys(prefix);
    if (keys.length === 0) return NONE;
    const list = Object.freeze(keys.map((key) => this.get(key)!));
    this.#lists.set(prefix, list);
    return list;
  }

  /** Whether some object lies here as bytes. */
  hasSealed(): boolean {
    for (const { kept } of this.#entries.values()) if (Buffer.isBuffer(kept)) return true;
    return false;
  }

  /** `atRest` are the bytes to keep where objects are kept as bytes; without, they are made. */
  put(key: string, event: StoreEvent, atRest?: Buffer): void {
    this.#own();
    const before = this.#entries.get(key);
    if (!before) this.#newKeys.push(key);
    const made = this.#keeping.keep(key, event.object);
    this.#entries.set(key, {
      kept: atRest && Buffer.isBuffer(made) ? atRest : made,
      revision: event.revision,
      created: before?.created ?? event.revision,
      version: (before?.version ?? 0) + 1,
    });
    this.#tell(event);
  }

  remove(key: string, event: StoreEvent): void {
    this.#own();
    if (this.#entries.delete(key)) {
      const keys = this.#ordered();
      keys.splice(firstNotBefore(keys, key), 1);
    }
    this.#tell(event);
  }

  listen(listener: (event: StoreEvent) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  /** The entries as they are now; the shelf copies before it changes them. */
  freeze(): ReadonlyMap<string, Entry> {
    this.#shared = true;
    return this.#entries;
  }

  /** Puts entries back and tells the listeners of every difference, each with a revision of its own from `next`. */
  thaw(entries: ReadonlyMap<string, Entry>, next: () => number): void {
    const before = this.#entries;
    this.#entries = new Map(entries);
    this.#keys = [];
    this.#newKeys = [...entries.keys()];
    this.#lists.clear();
    this.#shared = false;
    const events: StoreEvent[] = [];
    for (const [key, entry] of before) {
      if (entries.get(key) === entry) continue;
      const old = this.#keeping.recall(key, entry.kept, entry.revision);
      const now = this.get(key);
      if (now) events.push({ type: 'MODIFIED', object: now, old, revision: next() });
      else events.push({ type: 'DELETED', object: old, old, revision: next() });
    }
    for (const key of entries.keys())
      if (!before.has(key)) events.push({ type: 'ADDED', object: this.get(key)!, revision: next() });
    this.log.compact(next());
    for (const event of events) this.#call(event);
  }

  #call(event: StoreEvent): void {
    for (const listener of this.#listeners) {
      try {
        listener(event);
      } catch (error) {
        this.#failed(error);
      }
    }
  }

  /** Before every change. */
  #own(): void {
    this.#lists.clear();
    if (!this.#shared) return;
    this.#entries = new Map(this.#entries);
    this.#shared = false;
  }

  /** A listener may write too: what it causes waits until everyone has heard of this, so that all hear in order. */
  #tell(event: StoreEvent): void {
    this.log.append(event);
    this.#untold.push(event);
    if (this.#untold.length > 1) return;
    while (this.#untold[0]) {
      this.#call(this.#untold[0]);
      this.#untold.shift();
    }
  }
}

function firstNotBefore(keys: readonly string[], key: string): number {
  let low = 0;
  let high = keys.length;
  if (high > 0 && keys[high - 1]! < key) return high; // names often grow in order
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (keys[middle]! < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
