import { header, keyValue, REFUSED } from './answer.ts';
import { type EtcdData, type EtcdEntry, EtcdRefusal } from './etcd-data.ts';
import { entriesWithin } from './key-range.ts';
import type { Leases } from './leases.ts';
import { encode, type Field, type Message } from './wire.ts';

/** `--max-txn-ops` */
const MOST_OPS = 128;
/** `--max-request-bytes` */
const MOST_BYTES = 1_572_864;

/** etcd's KV service (etcd/api/etcdserverpb/rpc.proto). Every method takes the decoded request and returns the encoded answer. */
export class KeyValueService {
  readonly #data: EtcdData;
  readonly #leases: Leases;
  #compacted = 0;

  constructor(data: EtcdData, leases: Leases) {
    this.#data = data;
    this.#leases = leases;
  }

  range(request: Message): Buffer {
    this.#checkRevision(request.number(4));
    if (request.bytes(1).length === 0) throw REFUSED.emptyKey();
    const bounds = { mod: [request.number(10), request.number(11)], create: [request.number(12), request.number(13)] };
    const found = entriesWithin(this.#data, request.bytes(1), request.bytes(2))
      .filter((entry) => inside(entry.modRevision, bounds.mod) && inside(entry.createRevision, bounds.create))
      .sort(ordering(request.number(5), request.number(6)));
    const limit = request.number(3) > 0 ? request.number(3) : found.length;
    const kvs = request.flag(9) ? [] : found.slice(0, limit);
    const keysOnly = request.flag(8);
    return encode(
      header(this.#data),
      ...kvs.map((entry): Field => [2, this.#keyValue(entry, keysOnly)]),
      [3, !request.flag(9) && found.length > limit],
      [4, found.length],
    );
  }

  put(request: Message): Buffer {
    const key = request.text(1);
    if (key === '') throw REFUSED.emptyKey();
    if (request.bytes(1).length + request.bytes(2).length > MOST_BYTES) throw REFUSED.tooLarge();
    const before = this.#data.get(key);
    const [ignoreValue, ignoreLease] = [request.flag(5), request.flag(6)];
    if ((ignoreValue || ignoreLease) && !before) throw REFUSED.keyNotFound();
    const previous = before && request.flag(4) ? this.#keyValue(before) : undefined;
    const lease = ignoreLease ? this.#leases.of(key) : request.big(3);
    if (lease !== 0n && !this.#leases.ids.includes(lease)) throw REFUSED.leaseNotFound();
    this.#data.put(key, ignoreValue ? Buffer.from(before!.value()) : Buffer.from(request.bytes(2)));
    this.#leases.attach(key, lease);
    return encode(header(this.#data), [2, previous]);
  }

  deleteRange(request: Message): Buffer {
    if (request.bytes(1).length === 0) throw REFUSED.emptyKey();
    const gone = entriesWithin(this.#data, request.bytes(1), request.bytes(2));
    const previous = request.flag(3) ? gone.map((entry): Field => [3, this.#keyValue(entry)]) : [];
    for (const { key } of gone) {
      this.#data.remove(key);
      this.#leases.detach(key);
    }
    return encode(header(this.#data), [2, gone.length], ...previous);
  }

  /** Compares, then does one list of operations or the other. Operations take a revision each, where etcd's share one. */
  txn(request: Message): Buffer {
    const all = [...request.messages(2), ...request.messages(3)];
    if (request.messages(1).length > MOST_OPS || all.length > MOST_OPS) throw REFUSED.tooManyOps();
    const succeeded = request.messages(1).every((comparison) => this.#holds(comparison));
    const operations = request.messages(succeeded ? 2 : 3);
    const written = operations.flatMap((one) => one.messages(2).map((put) => put.text(1)));
    if (new Set(written).size < written.length) throw REFUSED.duplicateKey();
    const responses = operations.map((operation): Field => [3, this.#operate(operation)]);
    return encode(header(this.#data), [2, succeeded], ...responses);
  }

  compact(request: Message): Buffer {
    const revision = request.number(1);
    if (revision > this.#data.revision()) throw REFUSED.future();
    if (revision <= this.#compacted) throw REFUSED.compacted();
    this.#compacted = revision;
    return encode(header(this.#data));
  }

  get compacted(): number {
    return this.#compacted;
  }

  #operate(operation: Message): Buffer {
    const [range] = operation.messages(1);
    if (range) return encode([1, this.range(range)]);
    const [put] = operation.messages(2);
    if (put) return encode([2, this.put(put)]);
    const [removal] = operation.messages(3);
    if (removal) return encode([3, this.deleteRange(removal)]);
    const [txn] = operation.messages(4);
    if (txn) return encode([4, this.txn(txn)]);
    throw REFUSED.emptyKey();
  }

  #holds(comparison: Message): boolean {
    const entries = entriesWithin(this.#data, comparison.bytes(3), comparison.bytes(64));
    if (entries.length > 0) return entries.every((entry) => this.#matches(comparison, entry));
    // A key that is not there has version and revisions 0; it has no value to compare with.
    return comparison.number(2) !== 3 && this.#matches(comparison, undefined);
  }

  #matches(comparison: Message, entry: EtcdEntry | undefined): boolean {
    const against = (actual: number | bigint, field: number): number => {
      const difference = BigInt(actual) - comparison.big(field);
      return difference < 0n ? -1 : difference > 0n ? 1 : 0;
    };
    const targets = [
      () => against(entry?.version ?? 0, 4),
      () => against(entry?.createRevision ?? 0, 5),
      () => against(entry?.modRevision ?? 0, 6),
      () => Buffer.compare(entry?.value() ?? Buffer.alloc(0), comparison.bytes(7)),
      () => against(entry ? this.#leases.of(entry.key) : 0n, 8),
    ];
    const order = targets[comparison.number(2)]?.() ?? 0;
    return [order === 0, order > 0, order < 0, order !== 0][comparison.number(1)] ?? false;
  }

  #keyValue(entry: EtcdEntry, keysOnly = false): Buffer {
    return keyValue(entry, this.#leases.of(entry.key), keysOnly);
  }

  #checkRevision(revision: number): void {
    if (revision > this.#data.revision()) throw REFUSED.future();
    if (revision > 0 && revision < this.#compacted) throw REFUSED.compacted();
    if (revision > 0 && revision < this.#data.revision()) {
      throw new EtcdRefusal(12, 'not simulated: reading as of an earlier revision');
    }
  }
}

const inside = (value: number, [least = 0, most = 0]: readonly number[]): boolean =>
  (least === 0 || value >= least) && (most === 0 || value <= most);

/** SortOrder NONE, ASCEND, DESCEND over SortTarget KEY, VERSION, CREATE, MOD, VALUE. */
function ordering(order: number, target: number): (a: EtcdEntry, b: EtcdEntry) => number {
  const targets: readonly ((a: EtcdEntry, b: EtcdEntry) => number)[] = [
    (a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)),
    (a, b) => a.version - b.version,
    (a, b) => a.createRevision - b.createRevision,
    (a, b) => a.modRevision - b.modRevision,
    (a, b) => Buffer.compare(a.value(), b.value()),
  ];
  const compare = targets[order === 0 ? 0 : target] ?? targets[0]!;
  return (a, b) => (order === 2 ? -1 : 1) * compare(a, b);
}
