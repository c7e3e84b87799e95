import type { ImageContents, Package } from './contents.ts';

/** What a branch of Alpine keeps through its releases, and the day from which it is out of support (alpinelinux.org/releases). */
interface Branch {
  readonly endOfLife: string;
  readonly keys: string;
  readonly scanelf: string;
  /** Until 3.19. */
  readonly libcUtils?: string;
}

const BRANCHES: Readonly<Record<string, Branch>> = {
  '3.16': { endOfLife: '2024-05-23', keys: '2.4-r1', scanelf: '1.3.4-r0', libcUtils: '0.7.2-r3' },
  '3.17': { endOfLife: '2024-11-22', keys: '2.4-r1', scanelf: '1.3.5-r1', libcUtils: '0.7.2-r3' },
  '3.18': { endOfLife: '2025-05-09', keys: '2.4-r1', scanelf: '1.3.7-r1', libcUtils: '0.7.2-r5' },
  '3.19': { endOfLife: '2025-11-01', keys: '2.4-r1', scanelf: '1.3.7-r2', libcUtils: '0.7.2-r5' },
  '3.20': { endOfLife: '2026-04-01', keys: '2.4-r1', scanelf: '1.3.7-r2' },
  '3.21': { endOfLife: '2026-11-01', keys: '2.5-r0', scanelf: '1.3.8-r1' },
  '3.22': { endOfLife: '2027-05-01', keys: '2.5-r0', scanelf: '1.3.8-r1' },
};

type Versions = readonly [
  baselayout: string,
  apkTools: string,
  busybox: string,
  certificates: string,
  openssl: string,
  musl: string,
  zlib: string,
];

/**
 * What the official images have, release by release: docker-library/repo-info, repos/alpine/local/*.md, which lists all packages of an image as
 * `apk info` tells them. Two of its files are not at hand: 3.20.0 is that of 3.20.1 but for the three packages that scans of it name, and
 * 3.21.3 that of 3.21.4.
 */
const RELEASES: Readonly<Record<string, Versions>> = {
  '3.16.1': ['3.2.0-r22', '2.12.9-r3', '1.35.0-r15', '20211220-r0', '1.1.1q-r0', '1.2.3-r0', '1.2.12-r1'],
  '3.16.4': ['3.2.0-r23', '2.12.9-r3', '1.35.0-r17', '20220614-r0', '1.1.1t-r0', '1.2.3-r2', '1.2.12-r3'],
  '3.16.8': ['3.2.0-r23', '2.12.9-r3', '1.35.0-r17', '20230506-r0', '1.1.1w-r1', '1.2.3-r3', '1.2.12-r3'],
  '3.17.1': ['3.4.0-r0', '2.12.10-r1', '1.35.0-r29', '20220614-r4', '3.0.7-r2', '1.2.3-r4', '1.2.13-r0'],
  '3.18.0': ['3.4.3-r1', '2.14.0-r0', '1.36.0-r9', '20230506-r0', '3.1.0-r4', '1.2.4-r0', '1.2.13-r1'],
  '3.18.2': ['3.4.3-r1', '2.14.0-r2', '1.36.1-r0', '20230506-r0', '3.1.1-r1', '1.2.4-r0', '1.2.13-r1'],
  '3.18.3': ['3.4.3-r1', '2.14.0-r2', '1.36.1-r2', '20230506-r0', '3.1.2-r0', '1.2.4-r1', '1.2.13-r1'],
  '3.18.6': ['3.4.3-r1', '2.14.0-r2', '1.36.1-r5', '20230506-r0', '3.1.4-r5', '1.2.4-r2', '1.2.13-r1'],
  '3.18.7': ['3.4.3-r1', '2.14.4-r0', '1.36.1-r7', '20240226-r0', '3.1.5-r0', '1.2.4-r2', '1.2.13-r1'],
  '3.18.8': ['3.4.3-r1', '2.14.4-r0', '1.36.1-r7', '20240226-r0', '3.1.6-r0', '1.2.4-r2', '1.2.13-r1'],
  '3.18.9': ['3.4.3-r1', '2.14.4-r0', '1.36.1-r7', '20240226-r0', '3.1.7-r0', '1.2.4-r2', '1.2.13-r1'],
  '3.19.0': ['3.4.3-r2', '2.14.0-r5', '1.36.1-r15', '20230506-r0', '3.1.4-r2', '1.2.4_git20230717-r4', '1.3-r2'],
  '3.19.1': ['3.4.3-r2', '2.14.0-r5', '1.36.1-r15', '20230506-r0', '3.1.4-r5', '1.2.4_git20230717-r4', '1.3.1-r0'],
  '3.19.2': ['3.4.3-r2', '2.14.4-r0', '1.36.1-r19', '20240226-r0', '3.1.5-r0', '1.2.4_git20230717-r4', '1.3.1-r0'],
  '3.19.3': ['3.4.3-r2', '2.14.4-r0', '1.36.1-r19', '20240226-r0', '3.1.6-r2', '1.2.4_git20230717-r4', '1.3.1-r0'],
  '3.19.4': ['3.4.3-r2', '2.14.4-r0', '1.36.1-r19', '20240226-r0', '3.1.7-r0', '1.2.4_git20230717-r4', '1.3.1-r0'],
  '3.19.6': ['3.4.3-r2', '2.14.4-r0', '1.36.1-r19', '20241121-r1', '3.1.7-r1', '1.2.4_git20230717-r4', '1.3.1-r0'],
  '3.19.7': ['3.4.3-r2', '2.14.4-r0', '1.36.1-r19', '20241121-r1', '3.1.8-r0', '1.2.4_git20230717-r5', '1.3.1-r0'],
  '3.20.0': ['3.6.5-r0', '2.14.4-r0', '1.36.1-r28', '20240226-r0', '3.3.0-r2', '1.2.5-r0', '1.3.1-r1'],
  '3.20.1': ['3.6.5-r0', '2.14.4-r0', '1.36.1-r29', '20240226-r0', '3.3.1-r0', '1.2.5-r0', '1.3.1-r1'],
  '3.20.3': ['3.6.5-r0', '2.14.4-r0', '1.36.1-r29', '20240705-r0', '3.3.2-r0', '1.2.5-r0', '1.3.1-r1'],
  '3.20.4': ['3.6.5-r0', '2.14.4-r1', '1.36.1-r29', '20241121-r0', '3.3.2-r1', '1.2.5-r0', '1.3.1-r1'],
  '3.20.6': ['3.6.5-r0', '2.14.4-r1', '1.36.1-r29', '20241121-r1', '3.3.3-r0', '1.2.5-r1', '1.3.1-r1'],
  '3.20.7': ['3.6.5-r0', '2.14.4-r1', '1.36.1-r29', '20250619-r0', '3.3.4-r0', '1.2.5-r1', '1.3.1-r1'],
  '3.21.3': ['3.6.8-r1', '2.14.6-r3', '1.37.0-r12', '20241121-r1', '3.3.3-r0', '1.2.5-r9', '1.3.1-r2'],
  '3.21.4': ['3.6.8-r1', '2.14.6-r3', '1.37.0-r12', '20250619-r0', '3.3.4-r0', '1.2.5-r9', '1.3.1-r2'],
  '3.21.5': ['3.6.8-r1', '2.14.6-r3', '1.37.0-r13', '20250911-r0', '3.3.5-r0', '1.2.5-r9', '1.3.1-r2'],
  '3.22.1': ['3.7.0-r0', '2.14.9-r2', '1.37.0-r18', '20250619-r0', '3.5.1-r0', '1.2.5-r10', '1.3.1-r2'],
  '3.22.2': ['3.7.0-r0', '2.14.9-r3', '1.37.0-r19', '20250911-r0', '3.5.4-r0', '1.2.5-r10', '1.3.1-r2'],
  '3.22.3': ['3.7.0-r0', '2.14.9-r3', '1.37.0-r20', '20250911-r0', '3.5.5-r0', '1.2.5-r10', '1.3.1-r2'],
};

export const ALPINE_VERSIONS: readonly string[] = Object.keys(RELEASES);

const apk = (source: string, version: string, licence: string, ...names: readonly string[]): readonly Package[] =>
  names.map((name) => ({ name, version, source, licence }));

/** All packages of a release's image by their names, and those that another image brings besides. Throws for a release that is not here. */
export function alpine(version: string, more: readonly Package[] = []): ImageContents {
  const name = version.replace(/\.\d+$/, '');
  const branch = BRANCHES[name];
  const versions = RELEASES[version];
  if (branch === undefined || versions === undefined) throw new Error(`nobody told of Alpine ${version}`);
  const [baselayout, apkTools, busybox, certificates, openssl, musl, zlib] = versions;
  const minor = Number(name.split('.')[1]);
  const packages = [
    ...apk('alpine-baselayout', baselayout, 'GPL-2.0-only', 'alpine-baselayout', 'alpine-baselayout-data'),
    ...apk('alpine-keys', branch.keys, 'MIT', 'alpine-keys'),
    ...(minor >= 21 ? apk('alpine-base', `${version}-r0`, 'MIT', 'alpine-release') : []),
    ...apk('apk-tools', apkTools, 'GPL-2.0-only', 'apk-tools', ...(minor >= 22 ? ['libapk2'] : [])),
    ...apk('busybox', busybox, 'GPL-2.0-only', 'busybox', 'ssl_client', ...(minor >= 17 ? ['busybox-binsh'] : [])),
    ...apk('ca-certificates', certificates, 'MPL-2.0 AND MIT', 'ca-certificates-bundle'),
    ...(branch.libcUtils === undefined
      ? []
      : apk('libc-dev', branch.libcUtils, 'BSD-2-Clause AND BSD-3-Clause', 'libc-utils')),
    ...(minor >= 17
      ? apk('openssl', openssl, 'Apache-2.0', 'libcrypto3', 'libssl3')
      : apk('openssl', openssl, 'OpenSSL', 'libcrypto1.1', 'libssl1.1')),
    ...apk('musl', musl, 'MIT', 'musl'),
    ...apk('musl', musl, 'MIT AND BSD-2-Clause AND GPL-2.0-or-later', 'musl-utils'),
    ...apk('pax-utils', branch.scanelf, 'GPL-2.0-only', 'scanelf'),
    ...apk('zlib', zlib, 'Zlib', 'zlib'),
    ...more,
  ].sort((a, b) => (a.name < b.name ? -1 : 1));
  return { os: { family: 'alpine', version, endOfLife: branch.endOfLife }, packages, binaries: [] };
}

/** nginx 1.27.5 of April 2025. */
export const NGINX_ALPINE_3_21_3 = alpine('3.21.3', [
  ...apk('expat', '2.7.0-r0', 'MIT', 'libexpat'),
  ...apk('libxml2', '2.13.4-r5', 'MIT', 'libxml2'),
  ...apk('nginx', '1.27.5-r1', 'BSD-2-Clause', 'nginx'),
  ...apk('xz', '5.6.3-r1', '0BSD AND LGPL-2.1-or-later', 'xz-libs'),
]);
