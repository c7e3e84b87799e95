import type { EtcdData, EtcdEntry } from './etcd-data.ts';

/** No end: that key alone. A single zero byte: every key from there on. Else the end is excluded. */
export function isWithin(key: Buffer, from: Buffer, end: Buffer): boolean {
  if (end.length === 0) return key.equals(from);
  if (Buffer.compare(key, from) < 0) return false;
  return (end.length === 1 && end[0] === 0) || Buffer.compare(key, end) < 0;
}

/** Entries of a range in key order. */
export function entriesWithin(data: EtcdData, from: Buffer, end: Buffer): EtcdEntry[] {
  if (end.length === 0) {
    const entry = data.get(from.toString('utf8'));
    return entry ? [entry] : [];
  }
  return data
    .read(sharedPrefix(from, end))
    .map((entry) => ({ entry, key: Buffer.from(entry.key) }))
    .filter(({ key }) => isWithin(key, from, end))
    .sort((a, b) => Buffer.compare(a.key, b.key))
    .map(({ entry }) => entry);
}

function sharedPrefix(from: Buffer, end: Buffer): string {
  if (end.length === 1 && end[0] === 0) return ''; // every key from `from` on
  let length = 0;
  while (length < from.length && from[length] === end[length]) length += 1;
  return from
    .subarray(0, length)
    .toString('latin1')
    .replace(/[^\0-\x7f].*$/s, ''); // never half a character
}
