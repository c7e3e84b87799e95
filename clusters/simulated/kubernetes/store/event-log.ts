import type { StoreEvent } from './cluster.ts';

/** Changes of one resource that a late watcher can still catch up with. Enough for minutes of a busy lab, small when idle. */
const CAPACITY = 1024;

/** The last changes of one resource in order of revision. */
export class EventLog {
  #events: StoreEvent[] = [];
  /** Changes at or below this revision may be forgotten. */
  #compacted: number;

  constructor(revision: number) {
    this.#compacted = revision;
  }

  get compacted(): number {
    return this.#compacted;
  }

  append(event: StoreEvent): void {
    this.#events.push(event);
    if (this.#events.length < CAPACITY * 2) return;
    // Dropping half at once keeps appending cheap.
    const dropped = this.#events.splice(0, CAPACITY);
    this.#compacted = dropped.at(-1)!.revision;
  }

  /** Everything after that revision, oldest first; undefined when some of it is forgotten. */
  after(revision: number): readonly StoreEvent[] | undefined {
    if (revision < this.#compacted) return undefined;
    let from = this.#events.length;
    while (from > 0 && this.#events[from - 1]!.revision > revision) from--;
    return this.#events.slice(from);
  }

  /** Forgets all, as a compaction up to that revision does. */
  compact(revision: number): void {
    this.#events = [];
    this.#compacted = revision;
  }
}
