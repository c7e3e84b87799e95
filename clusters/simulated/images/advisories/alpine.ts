import type { Advisory, Severity } from './advisory.ts';

/** Severities and titles as published scans show them. */
const KNOWN: Readonly<Record<string, readonly [Severity, string]>> = {
  'CVE-2022-4203': ['MEDIUM', 'openssl: read buffer overflow in X.509 certificate verification'],
  'CVE-2022-4304': ['MEDIUM', 'openssl: timing attack in RSA Decryption implementation'],
  'CVE-2022-4450': ['HIGH', 'openssl: double free after calling PEM_read_bio_ex'],
  'CVE-2022-37434': [
    'CRITICAL',
    'zlib: heap-based buffer over-read and overflow in inflate() in inflate.c via a large gzip header extra field',
  ],
  'CVE-2022-48174': ['CRITICAL', 'stack overflow vulnerability in ash.c leads to arbitrary code execution'],
  'CVE-2023-0215': ['HIGH', 'openssl: use-after-free following BIO_new_NDEF'],
  'CVE-2023-0216': ['HIGH', 'openssl: invalid pointer dereference in d2i_PKCS7 functions'],
  'CVE-2023-0217': ['HIGH', 'openssl: NULL dereference validating DSA public key'],
  'CVE-2023-0286': ['HIGH', 'openssl: X.400 address type confusion in X.509 GeneralName'],
  'CVE-2023-0401': ['HIGH', 'openssl: NULL dereference during PKCS7 data verification'],
  'CVE-2023-0464': [
    'HIGH',
    'openssl: Denial of service by excessive resource usage in verifying X509 policy constraints',
  ],
  'CVE-2023-0465': ['MEDIUM', 'openssl: Invalid certificate policies in leaf certificates are silently ignored'],
  'CVE-2023-0466': ['MEDIUM', 'openssl: Certificate policy check not enabled'],
  'CVE-2023-1255': ['MEDIUM', 'openssl: Input buffer over-read in AES-XTS implementation on 64 bit ARM'],
  'CVE-2023-2650': ['MEDIUM', 'openssl: Possible DoS translating ASN.1 object identifiers'],
  'CVE-2023-2975': [
    'MEDIUM',
    'openssl: AES-SIV cipher implementation contains a bug that causes it to ignore empty associated data entries',
  ],
  'CVE-2023-3446': ['MEDIUM', 'openssl: Excessive time spent checking DH keys and parameters'],
  'CVE-2023-3817': ['MEDIUM', 'OpenSSL: Excessive time spent checking DH q parameter value'],
  'CVE-2023-5363': ['HIGH', 'openssl: Incorrect cipher key and IV length processing'],
  'CVE-2023-5678': [
    'MEDIUM',
    'openssl: Generating excessively long X9.42 DH keys or checking excessively long X9.42 DH keys or parameters may be very slow',
  ],
  'CVE-2023-6129': ['MEDIUM', 'openssl: POLY1305 MAC implementation corrupts vector registers on PowerPC'],
  'CVE-2023-6237': ['MEDIUM', 'openssl: Excessive time spent checking invalid RSA public keys'],
  'CVE-2023-42363': ['MEDIUM', 'busybox: use-after-free in awk'],
  'CVE-2023-42364': ['MEDIUM', 'busybox: use-after-free'],
  'CVE-2023-42365': ['MEDIUM', 'busybox: use-after-free'],
  'CVE-2023-42366': ['MEDIUM', 'busybox: A heap-buffer-overflow'],
  'CVE-2024-0727': ['MEDIUM', 'openssl: denial of service via null dereference'],
  'CVE-2024-2511': ['LOW', 'openssl: Unbounded memory growth with session handling in TLSv1.3'],
  'CVE-2024-4603': ['MEDIUM', 'openssl: Excessive time spent checking DSA keys and parameters'],
  'CVE-2024-4741': ['MEDIUM', 'openssl: Use After Free with SSL_free_buffers'],
  'CVE-2024-5535': ['MEDIUM', 'openssl: SSL_select_next_proto buffer overread'],
  'CVE-2024-6119': ['HIGH', 'openssl: Possible denial of service in X.509 name checks'],
  'CVE-2024-9143': ['LOW', 'openssl: Low-level invalid GF(2^m) parameters lead to OOB memory access'],
  'CVE-2024-12797': ['HIGH', "openssl: RFC7250 handshakes with unauthenticated servers don't abort as expected"],
  'CVE-2024-13176': ['MEDIUM', 'openssl: Timing side-channel in ECDSA signature computation'],
  'CVE-2024-58251': ['MEDIUM', 'In netstat in BusyBox through 1.37.0, local users can launch of networ ...'],
  'CVE-2025-9230': ['HIGH', 'openssl: Out-of-bounds read & write in RFC 3211 KEK Unwrap'],
  'CVE-2025-9231': ['MEDIUM', 'openssl: Timing side-channel in SM2 algorithm on 64 bit ARM'],
  'CVE-2025-9232': ['MEDIUM', 'openssl: Out-of-bounds read in HTTP client no_proxy handling'],
  'CVE-2025-26519': ['HIGH', 'musl libc 0.9.13 through 1.2.5 before 1.2.6 has an out-of-bounds write ...'],
  'CVE-2025-32414': ['HIGH', 'libxml2: Out-of-Bounds Read in libxml2'],
  'CVE-2025-32415': ['HIGH', 'libxml2: Out-of-bounds Read in xmlSchemaIDCFillNodeTables'],
  'CVE-2025-46394': ['LOW', 'In tar in BusyBox through 1.37.0, a TAR archive can have filenames hid ...'],
};

/** Fixes of a source package: a version, and the numbers of the CVEs that it fixed, as Alpine's database has them. */
type Fixes = Readonly<Record<string, string>>;

const OPENSSL_3_1: Fixes = {
  '3.1.1-r0': '2023-2650',
  '3.1.1-r2': '2023-2975',
  '3.1.1-r3': '2023-3446',
  '3.1.2-r0': '2023-3817',
  '3.1.4-r0': '2023-5363',
  '3.1.4-r1': '2023-5678',
  '3.1.4-r3': '2023-6129',
  '3.1.4-r4': '2023-6237',
  '3.1.4-r5': '2024-0727',
  '3.1.4-r6': '2024-2511',
  '3.1.5-r0': '2024-4603',
  '3.1.6-r0': '2024-4741 2024-5535',
  '3.1.7-r0': '2024-6119',
  '3.1.7-r1': '2024-9143',
  '3.1.8-r0': '2024-13176',
};

/**
 * Alpine's security database by branch (secdb.alpinelinux.org, read as aquasecurity/vuln-list keeps it, alpine/BRANCH/main/*.json), as it was at
 * the end of 2025; 3.16 and 3.17 as of January 2024; openssl 3.1 after that month from published scans of 3.18 and 3.19. Of the packages that the
 * images here have, without what is fixed in all of them.
 */
const FIXED: Readonly<Record<string, Readonly<Record<string, Fixes>>>> = {
  '3.16': {
    busybox: { '1.35.0-r18': '2023-42366' },
    openssl: {
      '1.1.1t-r0': '2022-4304 2022-4450 2023-0215 2023-0286',
      '1.1.1t-r1': '2023-0464',
      '1.1.1t-r2': '2023-0465',
      '1.1.1u-r0': '2023-2650',
      '1.1.1u-r2': '2023-3446',
      '1.1.1v-r0': '2023-3817',
      '1.1.1w-r1': '2023-5678',
    },
    zlib: { '1.2.12-r2': '2022-37434' },
  },
  '3.17': {
    openssl: {
      '3.0.8-r0': '2022-4203 2022-4304 2022-4450 2023-0215 2023-0216 2023-0217 2023-0286 2023-0401',
      '3.0.8-r1': '2023-0464',
      '3.0.8-r2': '2023-0465',
      '3.0.8-r3': '2023-0466',
      '3.0.8-r4': '2023-1255',
      '3.0.9-r0': '2023-2650',
      '3.0.9-r2': '2023-2975',
      '3.0.9-r3': '2023-3446',
      '3.0.10-r0': '2023-3817',
      '3.0.12-r0': '2023-5363',
      '3.0.12-r1': '2023-5678',
      '3.0.12-r2': '2023-6129',
      '3.0.12-r3': '2023-6237',
    },
  },
  '3.18': {
    busybox: {
      '1.36.1-r1': '2022-48174',
      '1.36.1-r6': '2023-42366',
      '1.36.1-r7': '2023-42363 2023-42364 2023-42365',
    },
    musl: { '1.2.4-r3': '2025-26519' },
    openssl: OPENSSL_3_1,
  },
  '3.19': {
    busybox: {
      '1.36.1-r16': '2023-42366',
      '1.36.1-r17': '2023-42363',
      '1.36.1-r19': '2023-42364 2023-42365',
      '1.36.1-r21': '2024-58251 2025-46394',
    },
    musl: { '1.2.4_git20230717-r5': '2025-26519' },
    openssl: OPENSSL_3_1,
  },
  '3.20': {
    busybox: { '1.36.1-r29': '2023-42364 2023-42365', '1.36.1-r31': '2024-58251 2025-46394' },
    musl: { '1.2.5-r1': '2025-26519' },
    openssl: {
      '3.3.0-r3': '2024-4741',
      '3.3.1-r1': '2024-5535',
      '3.3.2-r0': '2024-6119',
      '3.3.2-r1': '2024-9143',
      '3.3.2-r2': '2024-13176',
      '3.3.3-r0': '2024-12797',
      '3.3.5-r0': '2025-9230 2025-9231 2025-9232',
    },
  },
  '3.21': {
    busybox: { '1.37.0-r14': '2024-58251 2025-46394' },
    libxml2: { '2.13.4-r6': '2025-32414 2025-32415' },
    openssl: { '3.3.5-r0': '2025-9230 2025-9231 2025-9232' },
  },
  '3.22': {
    busybox: { '1.37.0-r20': '2024-58251 2025-46394' },
    openssl: { '3.5.4-r0': '2025-9230 2025-9231 2025-9232' },
  },
};

const advisoriesOf = (source: string, fixes: Fixes): readonly Advisory[] =>
  Object.entries(fixes).flatMap(([version, numbers]) =>
    numbers.split(' ').map((number) => {
      const id = `CVE-${number}`;
      const [severity, title] = KNOWN[id] ?? ['UNKNOWN' as const, ''];
      return { id, source, fixed: [version], unfixed: undefined, severity, title };
    }),
  );

/** What Alpine publishes, by branch. */
export const ALPINE_ADVISORIES: Readonly<Record<string, readonly Advisory[]>> = Object.fromEntries(
  Object.entries(FIXED).map(([branch, sources]) => [
    branch,
    Object.entries(sources).flatMap(([source, fixes]) => advisoriesOf(source, fixes)),
  ]),
);
