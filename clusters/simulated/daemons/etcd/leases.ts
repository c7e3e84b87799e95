import type { Clock } from '../../clock.ts';
import { REFUSED } from './answer.ts';

interface Lease {
  readonly id: bigint;
  /** Seconds. */
  readonly granted: number;
  readonly keys: Set<string>;
  ends: number;
  timer: Disposable;
}

const MOST_LEASES = 1000;
/** etcd's own upper bound, in seconds; no lab lives that long. */
const LONGEST = 9_000_000_000;
/** A heartbeat and election timeout of etcd's defaults, rounded up (lessor minLeaseTTL). */
const SHORTEST = 2;

/** Leases and the keys that go with them (etcd/server/lease/lessor.go). */
export class Leases implements Disposable {
  readonly #clock: Clock;
  readonly #remove: (key: string) => void;
  readonly #leases = new Map<bigint, Lease>();
  #nextId = 0x326963a02758b527n;

  /** `remove` takes out a key whose lease has ended. */
  constructor(clock: Clock, remove: (key: string) => void) {
    this.#clock = clock;
    this.#remove = remove;
  }

  get ids(): readonly bigint[] {
    return [...this.#leases.keys()];
  }

  /** Grants a lease; 0 lets etcd choose its id. Returns its id and the seconds it has. */
  grant(asked: bigint, ttl: number): { id: bigint; ttl: number } {
    const id = asked === 0n ? this.#nextId++ : asked;
    if (this.#leases.has(id)) throw REFUSED.leaseExists();
    if (this.#leases.size >= MOST_LEASES) throw REFUSED.tooManyLeases();
    const granted = Math.min(Math.max(ttl, SHORTEST), LONGEST);
    const lease: Lease = { id, granted, keys: new Set(), ends: 0, timer: { [Symbol.dispose]: () => undefined } };
    this.#leases.set(id, lease);
    this.#renew(lease);
    return { id, ttl: granted };
  }

  revoke(id: bigint): void {
    const lease = this.#find(id);
    lease.timer[Symbol.dispose]();
    this.#leases.delete(id);
    for (const key of lease.keys) this.#remove(key);
  }

  /** Seconds it has again; 0 for one that has ended, as etcd answers. */
  keepAlive(id: bigint): number {
    const lease = this.#leases.get(id);
    if (lease) this.#renew(lease);
    return lease?.granted ?? 0;
  }

  /** Undefined for one that has ended. */
  timeToLive(id: bigint): { ttl: number; granted: number; keys: readonly string[] } | undefined {
    const lease = this.#leases.get(id);
    if (!lease) return undefined;
    const ttl = Math.max(0, Math.ceil((lease.ends - this.#clock.now()) / 1000));
    return { ttl, granted: lease.granted, keys: [...lease.keys].sort() };
  }

  /** Ties a key to a lease, or to none. */
  attach(key: string, id: bigint): void {
    const lease = id === 0n ? undefined : this.#find(id);
    this.detach(key);
    lease?.keys.add(key);
  }

  detach(key: string): void {
    for (const { keys } of this.#leases.values()) keys.delete(key);
  }

  of(key: string): bigint {
    for (const { id, keys } of this.#leases.values()) if (keys.has(key)) return id;
    return 0n;
  }

  [Symbol.dispose](): void {
    for (const { timer } of this.#leases.values()) timer[Symbol.dispose]();
    this.#leases.clear();
  }

  #find(id: bigint): Lease {
    const lease = this.#leases.get(id);
    if (!lease) throw REFUSED.leaseNotFound();
    return lease;
  }

  #renew(lease: Lease): void {
    lease.timer[Symbol.dispose]();
    lease.ends = this.#clock.now() + lease.granted * 1000;
    lease.timer = this.#clock.after(Math.min(lease.granted * 1000, 2 ** 31 - 1), () => this.revoke(lease.id));
  }
}
