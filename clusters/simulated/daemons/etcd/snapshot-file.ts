import { createHash } from 'node:crypto';
import { keyValue } from './answer.ts';
import type { EtcdData } from './etcd-data.ts';

/**
 * etcd's database as a bbolt file (go.etcd.io/bbolt, page.go and bucket.go): what `etcdctl snapshot save` writes, and `snapshot status`
 * and `restore` read. Values lie in it as they lie at rest, so that a secret stored plain is plain in the file.
 */
const PAGE = 4096;
const PAGE_HEADER = 16;
const ELEMENT = 16;
const FLAGS = { branch: 0x01, leaf: 0x02, meta: 0x04, freelist: 0x10 } as const;
const BUCKET_FLAG = 0x01;

interface Item {
  readonly key: Buffer;
  readonly value: Buffer;
  readonly flags: number;
}

/** What lies at `member/snap/db` of etcd's data folder: of each key its present value, as after a compaction and defragmentation. */
export function databaseFile(data: EtcdData): Buffer {
  return database([
    { name: 'key', items: keyItems(data) },
    { name: 'meta', items: [{ key: Buffer.from('consistent_index'), value: uint64(data.revision()), flags: 0 }] },
  ]);
}

/** The file with the SHA-256 that etcd puts behind it (etcdserver/api/v3rpc/maintenance.go). */
export function snapshotFile(data: EtcdData): Buffer {
  const file = databaseFile(data);
  return Buffer.concat([file, createHash('sha256').update(file).digest()]);
}

/** Values by revision: eight bytes, `_`, eight bytes of the place within a transaction (mvcc/revision.go). */
function keyItems(data: EtcdData): Item[] {
  const entries = data.read('').toSorted((a, b) => a.modRevision - b.modRevision);
  return entries.map((entry, at) => {
    const within = at > 0 && entries[at - 1]!.modRevision === entry.modRevision ? at : 0;
    const key = Buffer.concat([uint64(entry.modRevision), Buffer.from('_'), uint64(within)]);
    return { key, value: keyValue(entry), flags: 0 };
  });
}

function uint64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
}

/** Page 0 and 1 are metas, 2 the empty freelist; buckets follow, and the root with their names comes last. */
function database(buckets: readonly { name: string; items: readonly Item[] }[]): Buffer {
  const pages: Buffer[] = [];
  let next = 3;
  const add = (flags: number, items: readonly Item[] | readonly { key: Buffer; page: number }[]): number => {
    const id = next;
    const page = pageOf(id, flags, items);
    next += page.length / PAGE;
    pages.push(page);
    return id;
  };
  const names = buckets.map(({ name, items }): Item => {
    const leaves = inLeaves(items).map((part) => ({
      key: part[0]?.key ?? Buffer.alloc(0),
      page: add(FLAGS.leaf, part),
    }));
    const root = leaves.length === 1 ? leaves[0]!.page : add(FLAGS.branch, leaves);
    const value = Buffer.alloc(16);
    value.writeBigUInt64LE(BigInt(root));
    return { key: Buffer.from(name), value, flags: BUCKET_FLAG };
  });
  const root = add(FLAGS.leaf, names);
  const metas = [0, 1].map((id) => metaPage(id, root, next));
  return Buffer.concat([...metas, pageOf(2, FLAGS.freelist, []), ...pages]);
}

/** As many items a page as fit; one that is larger than a page gets pages of its own. */
function inLeaves(items: readonly Item[]): Item[][] {
  const leaves: Item[][] = [[]];
  let size = PAGE_HEADER;
  for (const item of items) {
    const more = ELEMENT + item.key.length + item.value.length;
    if (size + more > PAGE && leaves.at(-1)!.length > 0) {
      leaves.push([]);
      size = PAGE_HEADER;
    }
    leaves.at(-1)!.push(item);
    size += more;
  }
  return leaves;
}

function pageOf(id: number, flags: number, items: readonly Item[] | readonly { key: Buffer; page: number }[]): Buffer {
  const content = items.reduce((sum, item) => sum + item.key.length + ('value' in item ? item.value.length : 0), 0);
  const used = PAGE_HEADER + items.length * ELEMENT + content;
  const page = Buffer.alloc(Math.ceil(used / PAGE) * PAGE);
  page.writeBigUInt64LE(BigInt(id), 0);
  page.writeUInt16LE(flags, 8);
  page.writeUInt16LE(items.length, 10);
  page.writeUInt32LE(page.length / PAGE - 1, 12);
  let at = PAGE_HEADER + items.length * ELEMENT;
  for (const [index, item] of items.entries()) {
    const element = PAGE_HEADER + index * ELEMENT;
    if ('value' in item) {
      page.writeUInt32LE(item.flags, element);
      page.writeUInt32LE(at - element, element + 4);
      page.writeUInt32LE(item.key.length, element + 8);
      page.writeUInt32LE(item.value.length, element + 12);
    } else {
      page.writeUInt32LE(at - element, element);
      page.writeUInt32LE(item.key.length, element + 4);
      page.writeBigUInt64LE(BigInt(item.page), element + 8);
    }
    at += item.key.copy(page, at);
    if ('value' in item) at += item.value.copy(page, at);
  }
  return page;
}

function metaPage(id: number, root: number, highWater: number): Buffer {
  const page = Buffer.alloc(PAGE);
  page.writeBigUInt64LE(BigInt(id), 0);
  page.writeUInt16LE(FLAGS.meta, 8);
  page.writeUInt32LE(0xed0cdaed, 16);
  page.writeUInt32LE(2, 20); // version
  page.writeUInt32LE(PAGE, 24);
  page.writeBigUInt64LE(BigInt(root), 32);
  page.writeBigUInt64LE(2n, 48); // freelist
  page.writeBigUInt64LE(BigInt(highWater), 56);
  page.writeBigUInt64LE(BigInt(id), 64); // transaction
  page.writeBigUInt64LE(fnv64a(page.subarray(16, 72)), 72);
  return page;
}

function fnv64a(bytes: Buffer): bigint {
  let hash = 0xcbf29ce484222325n;
  for (const byte of bytes) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  return hash;
}
