import type { ImageContents, Package } from './contents.ts';

/** Versions that tell one Alpine image from another; the rest of its base is in `alpine`. */
interface AlpineVersions {
  readonly musl: string;
  readonly busybox: string;
  readonly openssl: string;
  readonly zlib: string;
}

/** End of support by branch (alpinelinux.org/releases). */
const END_OF_LIFE: Readonly<Record<string, string>> = {
  '3.18': '2025-05-09',
  '3.19': '2025-11-01',
  '3.20': '2026-04-01',
  '3.21': '2026-11-01',
  '3.22': '2027-05-01',
};

function alpine(version: string, { musl, busybox, openssl, zlib }: AlpineVersions, more: readonly Package[] = []) {
  const of = (source: string, sourceVersion: string, licence: string, ...names: readonly string[]): Package[] =>
    names.map((name) => ({ name, version: sourceVersion, source, licence }));
  return {
    os: { family: 'alpine', version, endOfLife: END_OF_LIFE[version.replace(/\.\d+$/, '')] ?? '' },
    packages: [
      ...of('busybox', busybox, 'GPL-2.0-only', 'busybox', 'busybox-binsh', 'ssl_client'),
      ...of('openssl', openssl, 'Apache-2.0', 'libcrypto3', 'libssl3'),
      ...of('musl', musl, 'MIT', 'musl', 'musl-utils'),
      ...of('zlib', zlib, 'Zlib', 'zlib'),
      ...more,
    ],
    binaries: [],
  } satisfies ImageContents;
}

const more = (name: string, version: string, source: string, licence: string): Package => ({
  name,
  version,
  source,
  licence,
});

/** Versions as in the branch's package index on the day of the release (pkgs.alpinelinux.org, git.alpinelinux.org/aports). */
export const ALPINE_3_18_9 = alpine('3.18.9', {
  musl: '1.2.4-r2',
  busybox: '1.36.1-r7',
  openssl: '3.1.7-r0',
  zlib: '1.2.13-r1',
});
export const ALPINE_3_19_0 = alpine('3.19.0', {
  musl: '1.2.4_git20230717-r4',
  busybox: '1.36.1-r15',
  openssl: '3.1.4-r2',
  zlib: '1.3-r2',
});
export const ALPINE_3_19_4 = alpine('3.19.4', {
  musl: '1.2.4_git20230717-r4',
  busybox: '1.36.1-r19',
  openssl: '3.1.7-r0',
  zlib: '1.3.1-r0',
});
export const ALPINE_3_20_0 = alpine('3.20.0', {
  musl: '1.2.5-r0',
  busybox: '1.36.1-r28',
  openssl: '3.3.0-r2',
  zlib: '1.3.1-r1',
});
export const ALPINE_3_20_3 = alpine('3.20.3', {
  musl: '1.2.5-r0',
  busybox: '1.36.1-r29',
  openssl: '3.3.2-r0',
  zlib: '1.3.1-r1',
});
const V3_21_3 = { musl: '1.2.5-r9', busybox: '1.37.0-r12', openssl: '3.3.3-r0', zlib: '1.3.1-r2' };
export const ALPINE_3_21_3 = alpine('3.21.3', V3_21_3);
/** nginx 1.27.5 of April 2025. */
export const NGINX_ALPINE_3_21_3 = alpine('3.21.3', V3_21_3, [
  more('libexpat', '2.7.0-r0', 'expat', 'MIT'),
  more('libxml2', '2.13.4-r5', 'libxml2', 'MIT'),
  more('nginx', '1.27.5-r1', 'nginx', 'BSD-2-Clause'),
  more('xz-libs', '5.6.3-r1', 'xz', '0BSD AND LGPL-2.1-or-later'),
]);
export const ALPINE_3_22_2 = alpine('3.22.2', {
  musl: '1.2.5-r10',
  busybox: '1.37.0-r19',
  openssl: '3.5.4-r0',
  zlib: '1.3.1-r2',
});
