const BUSYBOX = 'https://busybox.net/';
const OPENSSL = 'https://www.openssl.org/';
const MUSL = 'https://musl.libc.org/';
const APORTS = 'https://git.alpinelinux.org/cgit/aports/tree/main/alpine-baselayout';
const APK = 'https://gitlab.alpinelinux.org/alpine/apk-tools';
const ALPINE = 'https://alpinelinux.org';

type Told = readonly [description: string, page: string];

const CRYPTO: Told = ['Crypto library from openssl', OPENSSL];
const SSL: Told = ['SSL shared libraries', OPENSSL];
const LIBC: Told = ['the musl c library (libc) implementation', MUSL];
const BASE: Told = ['Alpine base dir structure and init scripts', APORTS];
const TOOLS: Told = ['Alpine Package Keeper - package manager for alpine', APK];

/** What packages of Alpine's base say of themselves (docker-library/repo-info, repos/alpine/local/*.md). */
export const APK_DESCRIPTIONS: Readonly<Record<string, Told>> = {
  'alpine-baselayout': BASE,
  'alpine-baselayout-data': BASE,
  'alpine-keys': ['Public keys for Alpine Linux packages', ALPINE],
  'alpine-release': ['Alpine release data', ALPINE],
  'apk-tools': TOOLS,
  busybox: ['Size optimized toolbox of many common UNIX utilities', BUSYBOX],
  'busybox-binsh': ['busybox ash /bin/sh', BUSYBOX],
  'ca-certificates-bundle': [
    'Pre generated bundle of Mozilla certificates',
    'https://www.mozilla.org/en-US/about/governance/policies/security-group/certs/',
  ],
  'libc-utils': ['Meta package to pull in correct libc', ALPINE],
  libapk2: TOOLS,
  'libcrypto1.1': CRYPTO,
  libcrypto3: CRYPTO,
  'libssl1.1': SSL,
  libssl3: SSL,
  musl: LIBC,
  'musl-utils': LIBC,
  scanelf: ['Scan ELF binaries for stuff', 'https://wiki.gentoo.org/wiki/Hardened/PaX_Utilities'],
  ssl_client: ['EXternal ssl_client for busybox wget', BUSYBOX],
  zlib: ['A compression/decompression Library', 'https://zlib.net/'],
};
