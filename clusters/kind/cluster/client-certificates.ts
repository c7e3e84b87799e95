import { createPrivateKey, X509Certificate } from 'node:crypto';
import { type Issuer, type SignedCertificate, signCertificate } from '../../simulated/kubernetes/pki/certificate.ts';
import { elements, oid, pem } from '../../simulated/kubernetes/pki/der.ts';
import { newEncodedKey } from '../../simulated/kubernetes/pki/ec-key.ts';

const HOUR_MS = 3600 * 1000;
/** Longer than any lab lives; a server that adopts it signs anew. */
const LIFETIME_MS = 7 * 24 * HOUR_MS;
/** Clocks of machines differ. */
const SKEW_MS = 5 * 60 * 1000;

const SUBJECT_KEY_ID = oid('2.5.29.14');

/** Who signs, from kubeadm's ca.crt and ca.key (PEM). Throws for what is no certificate or no key. */
export function issuerOf(certificate: string, key: string): Issuer {
  const { raw } = new X509Certificate(certificate);
  return { name: subjectOf(raw), privateKey: createPrivateKey(key), keyId: keyIdOf(raw) };
}

/** A fresh key and a certificate for it by which the API server knows its holder. `now` in milliseconds since 1970. */
export function clientCertificate(
  issuer: Issuer,
  subject: { readonly commonName: string; readonly organizations: readonly string[] },
  now: number,
): SignedCertificate {
  const { publicKey, privateKey } = newEncodedKey();
  const certificate = signCertificate({
    subject,
    publicKey,
    issuer,
    notBefore: now - SKEW_MS,
    notAfter: now + LIFETIME_MS,
    authority: false,
    keyUsage: ['digitalSignature', 'keyEncipherment'],
    extendedKeyUsage: ['clientAuth'],
  });
  return { certificate, key: pem('EC PRIVATE KEY', privateKey) };
}

/** The name as its bytes are, for verifiers compare bytes: version, serial, algorithm, issuer, validity, subject (RFC 5280 4.1). */
function subjectOf(certificate: Buffer): Buffer {
  const [whole] = elements(certificate);
  const [toBeSigned] = elements(whole?.content ?? Buffer.alloc(0));
  const subject = elements(toBeSigned?.content ?? Buffer.alloc(0))[5];
  if (subject === undefined) throw new Error('a certificate without a subject');
  return subject.whole;
}

/** Of an extension without `critical`: its id, then an octet string that holds an octet string. */
function keyIdOf(certificate: Buffer): Buffer {
  const at = certificate.indexOf(SUBJECT_KEY_ID);
  if (at < 0) return Buffer.alloc(0);
  const [value] = elements(certificate.subarray(at + SUBJECT_KEY_ID.length + 2));
  return value?.content ?? Buffer.alloc(0);
}
