// Longer than a sitting: it is one table by release, whose rows are read one at a time.
import { type Advisory, advisories } from './advisory.ts';

const WEBP_IDS = ['CVE-2018-25011', 'CVE-2018-25014', 'CVE-2020-36328', 'CVE-2020-36329'] as const;
const WEBP_TITLES = [
  'libwebp: heap-based buffer overflow in PutLE16()',
  'libwebp: use of uninitialized value in ReadSymbol()',
  'libwebp: heap-based buffer overflow in WebPDecode*Into functions',
  'libwebp: use-after-free in EmitFancyRGB() in dec/io_dec.c',
];
const webp = (fixed: string): readonly Advisory[] =>
  advisories('libwebp', ...WEBP_IDS.map((id, i) => [id, fixed, 'CRITICAL', WEBP_TITLES[i] ?? ''] as const));

/** Updates of expat in one winter; in stretch the second brought what buster had with the first. */
const expat = (first: string, second: string, overflow: string, resume: string): readonly Advisory[] =>
  advisories(
    'expat',
    ['CVE-2022-22822', first, 'CRITICAL', 'expat: Integer overflow in addBinding in xmlparse.c'],
    ['CVE-2022-22823', first, 'CRITICAL', 'expat: Integer overflow in build_model in xmlparse.c'],
    ['CVE-2022-22824', first, 'CRITICAL', 'expat: Integer overflow in defineAttribute in xmlparse.c'],
    ['CVE-2022-23852', overflow, 'CRITICAL', 'expat: Integer overflow in function XML_GetBuffer'],
    [
      'CVE-2022-25235',
      second,
      'CRITICAL',
      'expat: Malformed 2- and 3-byte UTF-8 sequences can lead to arbitrary code execution',
    ],
    [
      'CVE-2022-25236',
      second,
      'CRITICAL',
      'expat: Namespace-separator characters in "xmlns[:prefix]" attribute values can lead to arbitrary code execution',
    ],
    ['CVE-2022-25315', second, 'CRITICAL', 'expat: Integer overflow in storeRawNames()'],
    ['CVE-2022-40674', resume, 'CRITICAL', 'expat: a use-after-free in the doContent function in xmlparse.c'],
  );

const DPKG =
  'Dpkg::Source::Archive in dpkg, the Debian package management system, before version 1.21.8 is prone to a directory traversal';
const GZIP = 'gzip: arbitrary-file-write vulnerability';
const GCRYPT = [
  'libgcrypt: mishandles ElGamal encryption because it lacks exponent blinding to address a side-channel attack against mpi_powm',
  'libgcrypt: ElGamal implementation allows plaintext recovery',
] as const;
/** The update that was announced for the first was found to be for the second. */
const gcrypt = (fixed: string): readonly Advisory[] =>
  advisories(
    'libgcrypt20',
    ['CVE-2021-33560', 'affected', 'HIGH', GCRYPT[0]],
    ['CVE-2021-40528', fixed, 'MEDIUM', GCRYPT[1]],
  );
const DEFLATE = 'zlib: A flaw found in zlib when compressing (not decompressing) certain inputs';
const ASN1 = 'openssl: Read buffer overruns processing ASN.1 strings';
const REHASH = 'openssl: c_rehash script allows command injection';
const SQRT = 'openssl: Infinite loop in BN_mod_sqrt() reachable when parsing certificates';

const MQ_NOTIFY = 'glibc: mq_notify does not handle separately allocated thread attributes';
const SVCUNIX = 'glibc: Stack-based buffer overflow in svcunix_create via long pathnames';
const CLNT = 'glibc: Stack-based buffer overflow in sunrpc clnt_create via a long pathname';
const HASH_AGAIN = 'openssl: the c_rehash script allows command injection';
const INFLATE =
  'zlib: heap-based buffer over-read and overflow in inflate() in inflate.c via a large gzip header extra field';

const STRETCH: readonly Advisory[] = [
  ...advisories(
    'apt',
    ['CVE-2020-27350', '1.4.11', 'MEDIUM', 'apt: integer overflows and underflows while parsing .deb packages'],
    [
      'CVE-2020-3810',
      '1.4.10',
      'MEDIUM',
      'Missing input validation in the ar/tar implementations of APT before version 2.1.2',
    ],
  ),
  ...advisories('dpkg', ['CVE-2022-1664', '1.18.26', 'CRITICAL', DPKG]),
  ...advisories(
    'e2fsprogs',
    ['CVE-2022-1304', 'affected', 'HIGH', 'e2fsprogs: out-of-bounds read/write via crafted filesystem'],
    ['CVE-2019-5094', '1.43.4-2+deb9u1', 'MEDIUM', 'e2fsprogs: Crafted ext4 partition leads to out-of-bounds write'],
    ['CVE-2019-5188', '1.43.4-2+deb9u2', 'MEDIUM', 'e2fsprogs: Out-of-bounds write in e2fsck/rehash.c'],
  ),
  ...expat('2.2.0-2+deb9u4', '2.2.0-2+deb9u5', '2.2.0-2+deb9u5', 'affected'),
  ...advisories(
    'glibc',
    ['CVE-2018-6485', 'affected', 'CRITICAL', 'glibc: Integer overflow in posix_memalign in memalign functions'],
    ['CVE-2018-6551', 'affected', 'CRITICAL', 'glibc: integer overflow in malloc functions'],
    [
      'CVE-2019-9169',
      'affected',
      'CRITICAL',
      'glibc: regular-expression match via proceed_next_node in posix/regexec.c leads to heap-based buffer over-read',
    ],
    ['CVE-2021-33574', 'affected', 'CRITICAL', MQ_NOTIFY],
    ['CVE-2021-35942', 'affected', 'CRITICAL', 'glibc: Arbitrary read in wordexp()'],
    ['CVE-2022-23218', 'affected', 'CRITICAL', SVCUNIX],
    ['CVE-2022-23219', 'affected', 'CRITICAL', CLNT],
  ),
  ...advisories('gzip', ['CVE-2022-1271', '1.6-5+deb9u1', 'HIGH', GZIP]),
  ...gcrypt('1.7.6-2+deb9u4'),
  ...webp('0.5.2-1+deb9u1'),
  ...advisories(
    'openssl',
    ['CVE-2022-1292', '1.1.0l-1~deb9u6', 'CRITICAL', REHASH],
    ['CVE-2022-2068', 'affected', 'CRITICAL', HASH_AGAIN],
    ['CVE-2021-3712', '1.1.0l-1~deb9u4', 'HIGH', ASN1],
    ['CVE-2022-0778', '1.1.0l-1~deb9u5', 'HIGH', SQRT],
  ),
  ...advisories(
    'util-linux',
    ['CVE-2016-2779', 'affected', 'HIGH', 'util-linux: runuser tty hijack via TIOCSTI ioctl'],
    [
      'CVE-2021-37600',
      'affected',
      'LOW',
      'util-linux: integer overflow can lead to buffer overflow in get_sem_elements() in sys-utils/ipcutils.c',
    ],
  ),
  ...advisories('xz-utils', ['CVE-2022-1271', '5.2.2-1.2+deb9u1', 'HIGH', GZIP]),
  ...advisories(
    'zlib',
    ['CVE-2022-37434', 'affected', 'CRITICAL', INFLATE],
    ['CVE-2018-25032', '1:1.2.8.dfsg-5+deb9u1', 'HIGH', DEFLATE],
  ),
];

const BUSTER: readonly Advisory[] = [
  ...advisories('dpkg', ['CVE-2022-1664', '1.19.8', 'CRITICAL', DPKG]),
  ...expat('2.2.6-2+deb10u2', '2.2.6-2+deb10u3', '2.2.6-2+deb10u2', '2.2.6-2+deb10u5'),
  ...advisories(
    'glibc',
    ['CVE-2021-33574', '2.28-10+deb10u2', 'CRITICAL', MQ_NOTIFY],
    ['CVE-2021-35942', '2.28-10+deb10u2', 'CRITICAL', 'glibc: Arbitrary read in wordexp()'],
    ['CVE-2022-23218', '2.28-10+deb10u2', 'CRITICAL', SVCUNIX],
    ['CVE-2022-23219', '2.28-10+deb10u2', 'CRITICAL', CLNT],
  ),
  ...advisories(
    'gnutls28',
    ['CVE-2021-20231', '3.6.7-4+deb10u7', 'CRITICAL', 'gnutls: Use after free in client key_share extension'],
    [
      'CVE-2021-20232',
      '3.6.7-4+deb10u7',
      'CRITICAL',
      'gnutls: Use after free in client_send_params in lib/ext/pre_shared_key.c',
    ],
  ),
  ...advisories('gzip', ['CVE-2022-1271', '1.9-3+deb10u1', 'HIGH', GZIP]),
  ...gcrypt('1.8.4-5+deb10u1'),
  ...advisories('libtasn1-6', [
    'CVE-2021-46848',
    '4.13-3+deb10u1',
    'CRITICAL',
    'libtasn1: Out-of-bound access in ETYPE_OK',
  ]),
  ...webp('0.6.1-2+deb10u1'),
  ...advisories(
    'openssl',
    ['CVE-2021-3711', '1.1.1d-0+deb10u7', 'CRITICAL', 'openssl: SM2 Decryption Buffer Overflow'],
    ['CVE-2022-1292', '1.1.1n-0+deb10u2', 'CRITICAL', REHASH],
    ['CVE-2022-2068', '1.1.1n-0+deb10u3', 'CRITICAL', HASH_AGAIN],
    ['CVE-2021-3712', '1.1.1d-0+deb10u7', 'HIGH', ASN1],
    ['CVE-2022-0778', '1.1.1d-0+deb10u8', 'HIGH', SQRT],
  ),
  ...advisories('xz-utils', ['CVE-2022-1271', '5.2.4-1+deb10u1', 'HIGH', GZIP]),
  ...advisories(
    'zlib',
    ['CVE-2022-37434', '1:1.2.11.dfsg-1+deb10u2', 'CRITICAL', INFLATE],
    ['CVE-2018-25032', '1:1.2.11.dfsg-1+deb10u1', 'HIGH', DEFLATE],
  ),
];

const TOKENS = 'krb5: GSS message token handling';

const BOOKWORM: readonly Advisory[] = [
  ...advisories('aom', ['CVE-2023-6879', 'affected', 'CRITICAL', 'aom: heap-buffer-overflow on frame size change']),
  ...advisories(
    'expat',
    ['CVE-2024-45491', '2.5.0-1+deb12u1', 'CRITICAL', 'libexpat: Integer Overflow or Wraparound'],
    ['CVE-2024-45492', '2.5.0-1+deb12u1', 'CRITICAL', 'libexpat: integer overflow'],
    ['CVE-2023-52425', '2.5.0-1+deb12u2', 'HIGH', 'expat: parsing large tokens can trigger a denial of service'],
    ['CVE-2024-45490', '2.5.0-1+deb12u1', 'HIGH', 'libexpat: Negative Length Parsing Vulnerability in libexpat'],
  ),
  ...advisories(
    'glibc',
    [
      'CVE-2024-2961',
      '2.36-9+deb12u6',
      'HIGH',
      'glibc: Out of bounds write in iconv may lead to remote code execution',
    ],
    ['CVE-2024-33599', '2.36-9+deb12u7', 'HIGH', 'glibc: stack-based buffer overflow in netgroup cache'],
  ),
  ...advisories('gnupg2', [
    'CVE-2025-68973',
    '2.2.40-1.1+deb12u2',
    'HIGH',
    'GnuPG: GnuPG: Information disclosure and potential arbitrary code execution via out-of-bounds write',
  ]),
  ...advisories(
    'gnutls28',
    ['CVE-2025-32988', '3.7.9-2+deb12u5', 'HIGH', 'gnutls: Vulnerability in GnuTLS otherName SAN export'],
    ['CVE-2025-32990', '3.7.9-2+deb12u5', 'HIGH', 'gnutls: Vulnerability in GnuTLS certtool template parsing'],
  ),
  ...advisories(
    'krb5',
    ['CVE-2024-37371', '1.20.1-2+deb12u2', 'CRITICAL', TOKENS],
    ['CVE-2024-37370', '1.20.1-2+deb12u2', 'HIGH', TOKENS],
  ),
  ...advisories('ncurses', [
    'CVE-2025-69720',
    'affected',
    'HIGH',
    'ncurses: ncurses: Buffer overflow vulnerability may lead to arbitrary code execution.',
  ]),
  ...advisories(
    'openssl',
    ['CVE-2024-6119', '3.0.14-1~deb12u2', 'HIGH', 'openssl: Possible denial of service in X.509 name checks'],
    [
      'CVE-2025-15467',
      '3.0.18-1~deb12u2',
      'HIGH',
      'openssl: OpenSSL: Remote code execution or Denial of Service via oversized Initialization Vector in CMS parsing',
    ],
    [
      'CVE-2025-69421',
      '3.0.18-1~deb12u2',
      'HIGH',
      'openssl: OpenSSL: Denial of Service via malformed PKCS#12 file processing',
    ],
  ),
  ...advisories('pam', ['CVE-2025-6020', '1.5.2-6+deb12u2', 'HIGH', 'linux-pam: Linux-pam directory Traversal']),
  ...advisories(
    'perl',
    [
      'CVE-2023-31484',
      '5.36.0-7+deb12u3',
      'HIGH',
      'perl: CPAN.pm does not verify TLS certificates when downloading distributions over HTTPS',
    ],
    [
      'CVE-2024-56406',
      '5.36.0-7+deb12u2',
      'HIGH',
      'perl: Perl 5.34, 5.36, 5.38 and 5.40 are vulnerable to a heap buffer overflow',
    ],
  ),
  ...advisories(
    'systemd',
    ['CVE-2023-50387', '252.23-1~deb12u1', 'HIGH', 'bind9: KeyTrap - Extreme CPU consumption in DNSSEC validator'],
    [
      'CVE-2023-50868',
      '252.23-1~deb12u1',
      'HIGH',
      'bind9: Preparing an NSEC3 closest encloser proof can exhaust CPU resources',
    ],
  ),
  ...advisories('xz-utils', [
    'CVE-2025-31115',
    '5.4.1-1',
    'HIGH',
    'xz: XZ has a heap-use-after-free bug in threaded .xz decoder',
  ]),
  ...advisories('zlib', [
    'CVE-2023-45853',
    'will_not_fix',
    'CRITICAL',
    'zlib: integer overflow and resultant heap-based buffer overflow in zipOpenNewFileInZip4_6',
  ]),
];

/**
 * A selection of Debian's security tracker by release (security-tracker.debian.org: DSA and DLA), with the titles and severities that
 * trivy shows. Rows of stretch and buster were compared with published scans of both (trivy's reports in the containers' security pages of truecharts,
 * December 2022, debian 9.9 and 10.8; nginx:1.14.2 itself, debian 9.8), libwebp's with the announcements DLA-2677-1 and DSA-4930-1, and libtasn1's with
 * DLA-3263-1.
 */
export const DEBIAN_ADVISORIES: Readonly<Record<string, readonly Advisory[]>> = {
  '9': STRETCH,
  '10': BUSTER,
  '12': BOOKWORM,
};
