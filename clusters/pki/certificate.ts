import { createHash, sign, type KeyObject } from 'node:crypto';
import ipaddr from 'ipaddr.js';
import { bits, der, explicit, implicit, integer, octets, oid, pem, sequence, set, text, time, TRUE } from './der.ts';

/** A certificate with its key; PEM as openssl reads it. */
export interface SignedCertificate {
  readonly certificate: string;
  readonly key: string;
}

export interface Issuer {
  /** DER of the name. */
  readonly name: Buffer;
  readonly privateKey: KeyObject;
  readonly keyId: Buffer;
}

export interface CertificateSubject {
  readonly commonName: string;
  readonly organizations?: readonly string[];
}

export interface CertificateTerms {
  readonly subject: CertificateSubject;
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKey: Buffer;
  readonly issuer: Issuer;
  /** Milliseconds since 1970. */
  readonly notBefore: number;
  readonly notAfter: number;
  readonly authority: boolean;
  readonly keyUsage: readonly KeyUsage[];
  readonly extendedKeyUsage: readonly ExtendedKeyUsage[];
  readonly dnsNames?: readonly string[];
  /** IPv4 and IPv6. */
  readonly addresses?: readonly string[];
}

/** Bit numbers of RFC 5280 4.2.1.3. */
const KEY_USAGE = {
  digitalSignature: 0,
  nonRepudiation: 1,
  keyEncipherment: 2,
  dataEncipherment: 3,
  keyAgreement: 4,
  keyCertSign: 5,
  cRLSign: 6,
} as const;
export type KeyUsage = keyof typeof KEY_USAGE;

/** RFC 5280 4.2.1.12 */
const EXTENDED_KEY_USAGE = {
  serverAuth: oid('1.3.6.1.5.5.7.3.1'),
  clientAuth: oid('1.3.6.1.5.5.7.3.2'),
  codeSigning: oid('1.3.6.1.5.5.7.3.3'),
  emailProtection: oid('1.3.6.1.5.5.7.3.4'),
  timeStamping: oid('1.3.6.1.5.5.7.3.8'),
  OCSPSigning: oid('1.3.6.1.5.5.7.3.9'),
} as const;
export type ExtendedKeyUsage = keyof typeof EXTENDED_KEY_USAGE;

/** Types of attributes (RFC 5280 appendix A.1) and extensions (4.2.1). */
const ORGANIZATION = oid('2.5.4.10');
const COMMON_NAME = oid('2.5.4.3');
const SUBJECT_KEY_ID = oid('2.5.29.14');
const KEY_USAGE_ID = oid('2.5.29.15');
const ALTERNATIVE_NAMES = oid('2.5.29.17');
const BASIC_CONSTRAINTS = oid('2.5.29.19');
const AUTHORITY_KEY_ID = oid('2.5.29.35');
const EXTENDED_KEY_USAGE_ID = oid('2.5.29.37');

/** RFC 5758 3.2, RFC 4055 5 */
const ECDSA_WITH_SHA256 = sequence(oid('1.2.840.10045.4.3.2'));
const RSA_WITH_SHA256 = sequence(oid('1.2.840.113549.1.1.11'), der(0x05));
const VERSION_3 = explicit(0, integer(Buffer.from([2])));

/** SHA-1 of the SubjectPublicKeyInfo (a method of the maker's own, as RFC 5280 4.2.1.2 allows). */
export const keyIdOf = (publicKey: Buffer): Buffer => createHash('sha1').update(publicKey).digest();

/** The name in kubeadm's order: organizations, then the common name. */
export const nameOf = (subject: CertificateSubject): Buffer =>
  sequence(
    ...(subject.organizations ?? []).map((value) => attribute(ORGANIZATION, value)),
    attribute(COMMON_NAME, subject.commonName),
  );

const attribute = (type: Buffer, value: string): Buffer => set(sequence(type, text(value)));

/** Signs an X.509 v3 certificate (RFC 5280) with SHA-256; the issuer's key is a P-256 key, or RSA as kubeadm makes it by default. */
export function signCertificate(terms: CertificateTerms): string {
  const algorithm = terms.issuer.privateKey.asymmetricKeyType === 'rsa' ? RSA_WITH_SHA256 : ECDSA_WITH_SHA256;
  const subject = nameOf(terms.subject);
  const serial = createHash('sha256')
    .update(terms.publicKey)
    .update(subject)
    .update(String(terms.notBefore))
    .digest()
    .subarray(0, 8);
  serial[0] = (serial[0] ?? 0) & 0x7f;
  const toBeSigned = sequence(
    VERSION_3,
    integer(serial),
    algorithm,
    terms.issuer.name,
    sequence(time(terms.notBefore), time(terms.notAfter)),
    subject,
    terms.publicKey,
    explicit(3, sequence(...extensions(terms))),
  );
  const signature = sign('sha256', toBeSigned, terms.issuer.privateKey);
  return pem('CERTIFICATE', sequence(toBeSigned, algorithm, bits(signature)));
}

function extensions(terms: CertificateTerms): Buffer[] {
  const names = [
    ...(terms.dnsNames ?? []).map((name) => implicit(2, Buffer.from(name, 'latin1'))),
    ...(terms.addresses ?? []).map((address) => implicit(7, Buffer.from(ipaddr.parse(address).toByteArray()))),
  ];
  return [
    // Without a usage there is no such extension, as Go writes none: no verifier takes one without a bit.
    ...(terms.keyUsage.length === 0 ? [] : [extension(KEY_USAGE_ID, keyUsageBits(terms.keyUsage), true)]),
    ...(terms.extendedKeyUsage.length === 0
      ? []
      : [
          extension(
            EXTENDED_KEY_USAGE_ID,
            sequence(...terms.extendedKeyUsage.map((usage) => EXTENDED_KEY_USAGE[usage])),
          ),
        ]),
    extension(BASIC_CONSTRAINTS, terms.authority ? sequence(TRUE) : sequence(), true),
    ...(terms.authority ? [extension(SUBJECT_KEY_ID, octets(keyIdOf(terms.publicKey)))] : []),
    ...(terms.authority ? [] : [extension(AUTHORITY_KEY_ID, sequence(implicit(0, terms.issuer.keyId)))]),
    ...(names.length === 0 ? [] : [extension(ALTERNATIVE_NAMES, sequence(...names))]),
  ];
}

const extension = (type: Buffer, value: Buffer, critical = false): Buffer =>
  sequence(type, ...(critical ? [TRUE] : []), octets(value));

function keyUsageBits(usages: readonly KeyUsage[]): Buffer {
  const byte = usages.reduce((sum, usage) => sum | (0x80 >> KEY_USAGE[usage]), 0);
  let unused = 0;
  while (unused < 7 && ((byte >> unused) & 1) === 0) unused += 1;
  return der(0x03, Buffer.from([unused, byte]));
}
