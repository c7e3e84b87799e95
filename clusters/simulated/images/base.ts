import { type Image, parseReference } from './image.ts';

/** What an image is built on: a distribution, or nothing but its own programs. */
export type Base = 'debian' | 'ubuntu' | 'alpine' | 'none';

const BASES: Readonly<Record<string, Base>> = {
  nginx: 'debian',
  httpd: 'debian',
  postgres: 'debian',
  redis: 'debian',
  python: 'debian',
  node: 'debian',
  golang: 'debian',
  'curlimages/curl': 'alpine',
  debian: 'debian',
  ubuntu: 'ubuntu',
  alpine: 'alpine',
};

/** What the image behind a reference is built on; its tags tell the variants on Alpine (docker-library/official-images). */
export function baseOf(image: Image, reference: string): Base {
  const base = BASES[image.repository] ?? 'none';
  return base !== 'none' && /alpine/.test(parseReference(reference)?.tag ?? '') ? 'alpine' : base;
}

/** Programs that are essential to a distribution and are more than busybox has. */
const OF_BASE: Readonly<Record<Base, readonly string[]>> = {
  debian: ['bash', 'perl'],
  ubuntu: ['bash', 'perl'],
  alpine: [],
  none: [],
};

/** What an image's own build brings besides (their Dockerfiles: nginx/docker-nginx, docker-library/postgres). */
const BROUGHT: Readonly<Record<string, Partial<Record<Base, readonly string[]>>>> = {
  nginx: { debian: ['curl', 'openssl'], alpine: ['curl'] },
  postgres: { alpine: ['bash'] },
  'curlimages/curl': { alpine: ['curl'] },
};

/** Programs of an image that are the real ones of this machine, in `/usr/bin`; all others are busybox's, or modelled. */
export function realProgramsOf(image: Image, reference: string): readonly string[] {
  const base = baseOf(image, reference);
  return [...OF_BASE[base], ...(BROUGHT[image.repository]?.[base] ?? [])];
}
