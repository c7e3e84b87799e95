import { randomInt, randomUUID } from 'node:crypto';

/** Chance as the cluster sees it: real in a lab, seeded in tests. */
export interface Randomness {
  uuid(): string;
  /** A whole number from 0 up to but without `limit`. */
  int(limit: number): number;
}

export const realRandomness: Randomness = { uuid: () => randomUUID(), int: (limit) => randomInt(limit) };

/** The letters of generated names (apimachinery/pkg/util/rand/rand.go): no vowels, no 0, 1 and 3, so no words appear. */
export const NAME_ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';

/** The random end of a generated name; five letters unless said (apiserver/pkg/storage/names/generate.go). */
export function nameSuffix(randomness: Randomness, length = 5): string {
  let suffix = '';
  for (let i = 0; i < length; i++) suffix += NAME_ALPHABET[randomness.int(NAME_ALPHABET.length)];
  return suffix;
}

/** What containerd names a container by: 64 hexadecimal digits. */
export const containerId = (randomness: Randomness): string =>
  Array.from({ length: 64 }, () => randomness.int(16).toString(16)).join('');
