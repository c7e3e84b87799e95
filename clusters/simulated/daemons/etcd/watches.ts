import { header, keyValue } from './answer.ts';
import type { EtcdChange, EtcdData } from './etcd-data.ts';
import { isWithin } from './key-range.ts';
import { encode, type Field, type Message } from './wire.ts';

/** Watches of one stream at once. */
const MOST_WATCHES = 100;

interface Watch {
  readonly from: Buffer;
  readonly end: Buffer;
  readonly withPrevious: boolean;
  /** 0: no puts; 1: no deletions. */
  readonly filters: readonly number[];
}

/** One stream of etcd's Watch service: watches are created and cancelled on it, and their events come back on it. */
export class WatchStream implements Disposable {
  readonly #data: EtcdData;
  readonly #send: (message: Buffer) => void;
  readonly #watches = new Map<number, Watch>();
  readonly #listening: Disposable;
  #nextId = 0;

  constructor(data: EtcdData, send: (message: Buffer) => void) {
    this.#data = data;
    this.#send = send;
    this.#listening = data.listen((change) => this.#tell(change));
  }

  receive(request: Message): void {
    const [create] = request.messages(1);
    const [cancel] = request.messages(2);
    if (create) this.#create(create);
    else if (cancel) this.#cancel(cancel.number(1));
    else if (request.has(3)) this.#send(encode(header(this.#data), [2, -1n])); // progress of all
  }

  [Symbol.dispose](): void {
    this.#listening[Symbol.dispose]();
  }

  #create(request: Message): void {
    const id = request.number(7) || this.#nextId++;
    const created: Field[] = [header(this.#data), [2, id], [3, true]];
    const since = request.number(3);
    if (this.#watches.has(id) || this.#watches.size >= MOST_WATCHES) {
      const why = this.#watches.has(id) ? 'etcdserver: watch ID already exists' : 'etcdserver: too many watches';
      this.#send(encode(...created, [4, true], [6, why]));
      return;
    }
    if (since > 0 && since <= this.#data.revision()) {
      // No history is kept for etcd's clients: all of it counts as compacted.
      const why = 'etcdserver: mvcc: required revision has been compacted';
      this.#send(encode(...created));
      this.#send(encode(header(this.#data), [2, id], [4, true], [5, this.#data.revision() + 1], [6, why]));
      return;
    }
    this.#watches.set(id, {
      from: request.bytes(1),
      end: request.bytes(2),
      withPrevious: request.flag(6),
      filters: request.numbers(5),
    });
    this.#send(encode(...created));
  }

  #cancel(id: number): void {
    if (this.#watches.delete(id)) this.#send(encode(header(this.#data), [2, id], [4, true]));
  }

  #tell({ key, revision, before, after }: EtcdChange): void {
    const bytes = Buffer.from(key);
    for (const [id, watch] of this.#watches) {
      if (!isWithin(bytes, watch.from, watch.end) || watch.filters.includes(after ? 0 : 1)) continue;
      const kv = after ? keyValue(after) : encode([1, key], [3, revision]);
      const previous = watch.withPrevious && before ? keyValue(before) : undefined;
      this.#send(encode(header(this.#data), [2, id], [11, encode([1, after ? 0 : 1], [2, kv], [3, previous])]));
    }
  }
}
