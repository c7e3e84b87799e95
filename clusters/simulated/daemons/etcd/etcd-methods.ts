import type { EtcdData, EtcdEntry } from './etcd-data.ts';
import { decode, encode, type Field } from './wire.ts';

/** Debian's and kubeadm's etcd of these days. */
export const ETCD_VERSION = '3.5.21';

export interface EtcdMember {
  readonly name: string;
  readonly clientUrls: readonly string[];
}

export type EtcdMethod = (request: Buffer, data: EtcdData, member: EtcdMember) => Promise<Buffer>;

/** Ids that kubeadm's single member happens to have; etcd derives them from its peer URL. */
const CLUSTER_ID = 0xcdf818194e3a8c32n;
const MEMBER_ID = 0x8e9e05c52164694dn;

/** The unary calls of etcd's v3 API that are modelled, by gRPC path (etcd/api/etcdserverpb/rpc.proto). */
export const ETCD_METHODS: Readonly<Record<string, EtcdMethod>> = {
  '/etcdserverpb.KV/Range': range,
  '/etcdserverpb.Maintenance/Status': status,
  '/etcdserverpb.Maintenance/Alarm': async (_, data) => encode([1, header(data)]),
  '/etcdserverpb.Cluster/MemberList': memberList,
};

function header(data: EtcdData): Buffer {
  return encode([1, CLUSTER_ID], [2, MEMBER_ID], [3, data.revision()], [4, 2]);
}

async function status(_: Buffer, data: EtcdData): Promise<Buffer> {
  const size = (await data.read('')).reduce((sum, { key, value }) => sum + key.length + value.length, 0);
  return encode(
    [1, header(data)],
    [2, ETCD_VERSION],
    [3, size],
    [4, MEMBER_ID],
    [5, data.revision()],
    [6, 2],
    [7, data.revision()],
    [9, size],
  );
}

async function memberList(_: Buffer, data: EtcdData, member: EtcdMember): Promise<Buffer> {
  const peer = member.clientUrls.at(-1)?.replace(/:\d+$/, ':2380');
  const urls = member.clientUrls.map((url): Field => [4, url]);
  return encode([1, header(data)], [2, encode([1, MEMBER_ID], [2, member.name], [3, peer], ...urls)]);
}

async function range(request: Buffer, data: EtcdData): Promise<Buffer> {
  const fields = decode(request);
  const bytes = (field: number) => (fields.get(field) ?? Buffer.alloc(0)) as Buffer;
  const number = (field: number) => Number(fields.get(field) ?? 0n);
  const [from, end] = [bytes(1), bytes(2)];
  const found = (await data.read(sharedPrefix(from, end)))
    .map((entry) => ({ ...entry, bytes: Buffer.from(entry.key) }))
    .filter((entry) => isWithin(entry.bytes, from, end))
    .toSorted(ordering(number(5), number(6)));
  const limit = number(3) > 0 ? number(3) : found.length;
  const kvs = number(9) === 1 ? [] : found.slice(0, limit);
  const keysOnly = number(8) === 1;
  return encode(
    [1, header(data)],
    ...kvs.map((entry): Field => [2, keyValue(entry, keysOnly)]),
    [3, number(9) === 0 && found.length > limit],
    [4, found.length],
  );
}

function keyValue({ key, value, createRevision, modRevision, version }: EtcdEntry, keysOnly: boolean): Buffer {
  return encode([1, key], [2, createRevision], [3, modRevision], [4, version], [5, keysOnly ? undefined : value]);
}

/** No end: that key alone. A single zero byte: every key from there on. Else the end is excluded. */
function isWithin(key: Buffer, from: Buffer, end: Buffer): boolean {
  if (end.length === 0) return key.equals(from);
  if (Buffer.compare(key, from) < 0) return false;
  return (end.length === 1 && end[0] === 0) || Buffer.compare(key, end) < 0;
}

function sharedPrefix(from: Buffer, end: Buffer): string {
  if (end.length === 0) return from.toString('utf8');
  if (end.length === 1 && end[0] === 0) return ''; // every key from `from` on
  let length = 0;
  while (length < from.length && from[length] === end[length]) length += 1;
  return from
    .subarray(0, length)
    .toString('latin1')
    .replace(/[^\0-\x7f].*$/s, ''); // never half a character
}

type Row = EtcdEntry & { readonly bytes: Buffer };

/** SortOrder NONE, ASCEND, DESCEND over SortTarget KEY, VERSION, CREATE, MOD, VALUE. */
function ordering(order: number, target: number): (a: Row, b: Row) => number {
  const targets: readonly ((a: Row, b: Row) => number)[] = [
    (a, b) => Buffer.compare(a.bytes, b.bytes),
    (a, b) => a.version - b.version,
    (a, b) => a.createRevision - b.createRevision,
    (a, b) => a.modRevision - b.modRevision,
    (a, b) => Buffer.compare(a.value, b.value),
  ];
  const compare = targets[order === 0 ? 0 : target] ?? targets[0];
  return (a, b) => (order === 2 ? -1 : 1) * (compare?.(a, b) ?? 0);
}
