import { sign } from 'node:crypto';
import ipaddr from 'ipaddr.js';
import { type CertificateSubject, nameOf } from '../../../pki/certificate.ts';
import { bits, explicit, implicit, integer, octets, oid, pem, sequence, set } from '../../../pki/der.ts';
import { newSigningKey } from '../../../pki/ec-key.ts';

const ECDSA_WITH_SHA256 = sequence(oid('1.2.840.10045.4.3.2'));
const EXTENSION_REQUEST = oid('1.2.840.113549.1.9.14');
const ALTERNATIVE_NAMES = oid('2.5.29.17');

/** Makes a P-256 key and a PKCS#10 request (RFC 2986) for it; both PEM. */
export function newCertificateRequest(wanted: {
  readonly subject: CertificateSubject;
  readonly dnsNames: readonly string[];
  /** IPv4 and IPv6. */
  readonly addresses: readonly string[];
}): { readonly request: string; readonly key: string } {
  const { signer, publicKey, privateKey } = newSigningKey();
  const names = sequence(
    ...wanted.dnsNames.map((name) => implicit(2, Buffer.from(name, 'latin1'))),
    ...wanted.addresses.map((address) => implicit(7, Buffer.from(ipaddr.parse(address).toByteArray()))),
  );
  const extensions = sequence(sequence(ALTERNATIVE_NAMES, octets(names)));
  const info = sequence(
    integer(Buffer.from([0])),
    nameOf(wanted.subject),
    publicKey,
    explicit(0, sequence(EXTENSION_REQUEST, set(extensions))),
  );
  const signature = bits(sign('sha256', info, signer));
  return {
    request: pem('CERTIFICATE REQUEST', sequence(info, ECDSA_WITH_SHA256, signature)),
    key: pem('EC PRIVATE KEY', privateKey),
  };
}
