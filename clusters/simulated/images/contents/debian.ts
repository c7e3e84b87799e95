import type { ImageContents, Package } from './contents.ts';

/** Source packages of Debian 9, 10 and 12 that the images here have: their binary packages and main licence. */
const SOURCES: Readonly<Record<string, { readonly names: readonly string[]; readonly licence: string }>> = {
  aom: { names: ['libaom3'], licence: 'BSD-2-Clause' },
  apt: { names: ['apt'], licence: 'GPL-2.0-or-later' },
  bash: { names: ['bash'], licence: 'GPL-3.0-or-later' },
  coreutils: { names: ['coreutils'], licence: 'GPL-3.0-or-later' },
  dpkg: { names: ['dpkg'], licence: 'GPL-2.0-or-later' },
  e2fsprogs: { names: ['e2fsprogs'], licence: 'GPL-2.0-only' },
  expat: { names: ['libexpat1'], licence: 'MIT' },
  glibc: { names: ['libc-bin', 'libc6'], licence: 'LGPL-2.1-or-later' },
  gnupg2: { names: ['gpgv'], licence: 'GPL-3.0-or-later' },
  gnutls28: { names: ['libgnutls30'], licence: 'LGPL-2.1-or-later' },
  gzip: { names: ['gzip'], licence: 'GPL-3.0-or-later' },
  krb5: { names: ['libgssapi-krb5-2', 'libk5crypto3', 'libkrb5-3', 'libkrb5support0'], licence: 'MIT' },
  libcap2: { names: ['libcap2'], licence: 'BSD-3-Clause' },
  libgcrypt20: { names: ['libgcrypt20'], licence: 'LGPL-2.1-or-later' },
  'libtasn1-6': { names: ['libtasn1-6'], licence: 'LGPL-2.1-or-later' },
  libwebp: { names: ['libwebp6'], licence: 'BSD-3-Clause' },
  ncurses: { names: ['libtinfo6', 'ncurses-base', 'ncurses-bin'], licence: 'X11' },
  nginx: { names: ['nginx'], licence: 'BSD-2-Clause' },
  openssl: { names: ['libssl3', 'openssl'], licence: 'Apache-2.0' },
  'openssl 1.1': { names: ['libssl1.1'], licence: 'OpenSSL' },
  pam: { names: ['libpam-modules', 'libpam-modules-bin', 'libpam-runtime', 'libpam0g'], licence: 'BSD-3-Clause' },
  perl: { names: ['perl-base'], licence: 'Artistic-1.0-Perl OR GPL-1.0-or-later' },
  systemd: { names: ['libsystemd0', 'libudev1'], licence: 'LGPL-2.1-or-later' },
  'util-linux': { names: ['bsdutils'], licence: 'GPL-2.0-or-later' },
  'xz-utils': { names: ['liblzma5'], licence: 'LicenseRef-public-domain' },
  zlib: { names: ['zlib1g'], licence: 'Zlib' },
};

/** `versions` by source package; the names before a blank are the sources that advisories name. */
function debian(version: string, versions: Readonly<Record<string, string>>): ImageContents {
  const endOfLife = { '9': '2022-06-30', '10': '2024-06-30', '12': '2028-06-30' }[version.split('.')[0] ?? ''] ?? '';
  const packages = Object.entries(versions).flatMap(([source, ofSource]): Package[] =>
    (SOURCES[source]?.names ?? []).map((name) => ({
      name,
      version: ofSource,
      source: source.split(' ')[0] ?? source,
      licence: SOURCES[source]?.licence ?? 'NOASSERTION',
    })),
  );
  return { os: { family: 'debian', version, endOfLife }, packages, binaries: [] };
}

/** What did not change between Debian 12.5 and 12.10. */
const BOOKWORM = {
  apt: '2.6.1',
  bash: '5.2.15-2+b7',
  coreutils: '9.1-1',
  dpkg: '1.21.22',
  gnupg2: '2.2.40-1.1',
  gzip: '1.12-1',
  libcap2: '1:2.66-4',
  ncurses: '6.4-4',
  pam: '1.5.2-6+deb12u1',
  perl: '5.36.0-7+deb12u1',
  zlib: '1:1.2.13.dfsg-1',
};

const BOOKWORM_5 = {
  ...BOOKWORM,
  aom: '3.6.0-1',
  expat: '2.5.0-1',
  gnutls28: '3.7.9-2+deb12u2',
  krb5: '1.20.1-2+deb12u1',
  openssl: '3.0.11-1~deb12u2',
  systemd: '252.22-1~deb12u1',
  'xz-utils': '5.4.1-0.2',
};

/** The day after 12.6 of June 2024; the database images of that summer. */
export const DEBIAN_12_6 = debian('12.6', {
  ...BOOKWORM,
  glibc: '2.36-9+deb12u7',
  gnutls28: '3.7.9-2+deb12u3',
  openssl: '3.0.13-1~deb12u1',
  systemd: '252.26-1~deb12u2',
  'xz-utils': '5.4.1-0.2',
});

const BOOKWORM_10 = {
  ...BOOKWORM,
  glibc: '2.36-9+deb12u10',
  gnutls28: '3.7.9-2+deb12u4',
  systemd: '252.36-1~deb12u1',
  'xz-utils': '5.4.1-1',
};
/** April 2025. */
export const DEBIAN_12_10 = debian('12.10', BOOKWORM_10);

/** nginx 1.25.5 as first built, in April 2024. */
export const NGINX_1_25 = debian('12.5', { ...BOOKWORM_5, glibc: '2.36-9+deb12u4', nginx: '1.25.5-1~bookworm' });
/** As first built, in May 2024. */
export const NGINX_1_27_0 = debian('12.5', { ...BOOKWORM_5, glibc: '2.36-9+deb12u7', nginx: '1.27.0-1~bookworm' });
/** nginx 1.27.5 as first built, in April 2025. */
export const NGINX_1_27 = debian('12.10', {
  ...BOOKWORM_10,
  aom: '3.6.0-1+deb12u1',
  expat: '2.5.0-1+deb12u1',
  krb5: '1.20.1-2+deb12u3',
  nginx: '1.27.5-1~bookworm',
  openssl: '3.0.15-1~deb12u1',
});
/** March 2019. */
export const NGINX_1_14_2 = debian('9.8', {
  apt: '1.4.9',
  dpkg: '1.18.25',
  e2fsprogs: '1.43.4-2',
  'util-linux': '1:2.29.2-1+deb9u1',
  expat: '2.2.0-2+deb9u1',
  glibc: '2.24-11+deb9u4',
  gzip: '1.6-5+b1',
  libgcrypt20: '1.7.6-2+deb9u3',
  libwebp: '0.5.2-1',
  nginx: '1.14.2-1~stretch',
  'openssl 1.1': '1.1.0j-1~deb9u1',
  'xz-utils': '5.2.2-1.2+b1',
  zlib: '1:1.2.8.dfsg-5',
});
/** August 2019. */
export const NGINX_1_16_1 = debian('10.0', {
  dpkg: '1.19.7',
  expat: '2.2.6-2',
  glibc: '2.28-10',
  gnutls28: '3.6.7-4',
  gzip: '1.9-3',
  libgcrypt20: '1.8.4-5',
  'libtasn1-6': '4.13-3',
  libwebp: '0.6.1-2',
  nginx: '1.16.1-1~buster',
  'openssl 1.1': '1.1.1c-1',
  'xz-utils': '5.2.4-1',
  zlib: '1:1.2.11.dfsg-1',
});
