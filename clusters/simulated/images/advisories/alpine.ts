import { type Advisory, advisories } from './advisory.ts';

const FREE = 'busybox: use-after-free';
const AWK = 'busybox: use-after-free in awk';
const HEAP = 'busybox: A heap-buffer-overflow';
const EC = 'openssl: Low-level invalid GF(2^m) parameters lead to OOB memory access';
const TIMING = 'openssl: Timing side-channel in ECDSA signature computation';
const KEK = 'openssl: Out-of-bounds read & write in RFC 3211 KEK Unwrap';
const NAMES = 'openssl: Possible denial of service in X.509 name checks';
const BUFFERS = 'openssl: Use After Free with SSL_free_buffers';
const RFC7250 = "openssl: RFC7250 handshakes with unauthenticated servers don't abort as expected";

/** A selection of Alpine's security database by branch (secdb.alpinelinux.org), with the titles and severities that trivy shows. */
export const ALPINE_ADVISORIES: Readonly<Record<string, readonly Advisory[]>> = {
  '3.18': advisories(
    'openssl',
    ['CVE-2024-9143', '3.1.7-r1', 'MEDIUM', EC],
    ['CVE-2024-13176', '3.1.8-r0', 'MEDIUM', TIMING],
  ),
  '3.19': [
    ...advisories(
      'busybox',
      ['CVE-2023-42363', '1.36.1-r17', 'MEDIUM', AWK],
      ['CVE-2023-42364', '1.36.1-r19', 'MEDIUM', FREE],
      ['CVE-2023-42365', '1.36.1-r19', 'MEDIUM', FREE],
      ['CVE-2023-42366', '1.36.1-r16', 'MEDIUM', HEAP],
    ),
    ...advisories(
      'openssl',
      [
        'CVE-2023-6129',
        '3.1.4-r3',
        'MEDIUM',
        'openssl: POLY1305 MAC implementation corrupts vector registers on PowerPC',
      ],
      ['CVE-2023-6237', '3.1.4-r4', 'MEDIUM', 'openssl: Excessive time spent checking invalid RSA public keys'],
      ['CVE-2024-0727', '3.1.4-r5', 'MEDIUM', 'openssl: denial of service via null dereference'],
      ['CVE-2024-2511', '3.1.4-r6', 'MEDIUM', 'openssl: Unbounded memory growth with session handling in TLSv1.3'],
      ['CVE-2024-4603', '3.1.5-r0', 'MEDIUM', 'openssl: Excessive time spent checking DSA keys and parameters'],
      ['CVE-2024-4741', '3.1.6-r0', 'MEDIUM', BUFFERS],
      ['CVE-2024-6119', '3.1.7-r0', 'HIGH', NAMES],
      ['CVE-2024-9143', '3.1.7-r1', 'MEDIUM', EC],
      ['CVE-2024-13176', '3.1.8-r0', 'MEDIUM', TIMING],
    ),
  ],
  '3.20': [
    ...advisories(
      'busybox',
      ['CVE-2023-42364', '1.36.1-r29', 'MEDIUM', FREE],
      ['CVE-2023-42365', '1.36.1-r29', 'MEDIUM', FREE],
    ),
    ...advisories(
      'openssl',
      ['CVE-2024-4741', '3.3.0-r3', 'MEDIUM', BUFFERS],
      ['CVE-2024-6119', '3.3.2-r0', 'HIGH', NAMES],
      ['CVE-2024-9143', '3.3.2-r1', 'MEDIUM', EC],
      ['CVE-2024-13176', '3.3.2-r2', 'MEDIUM', TIMING],
      ['CVE-2024-12797', '3.3.3-r0', 'HIGH', RFC7250],
      ['CVE-2025-9230', '3.3.5-r0', 'HIGH', KEK],
    ),
  ],
  '3.21': [
    ...advisories(
      'libxml2',
      ['CVE-2025-32414', '2.13.4-r6', 'HIGH', 'libxml2: Out-of-Bounds Read in libxml2'],
      ['CVE-2025-32415', '2.13.4-r6', 'HIGH', 'libxml2: Out-of-bounds Read in xmlSchemaIDCFillNodeTables'],
    ),
    ...advisories('openssl', ['CVE-2025-9230', '3.3.5-r0', 'HIGH', KEK]),
  ],
  '3.22': [],
};
