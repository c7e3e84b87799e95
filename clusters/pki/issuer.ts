import { createPrivateKey, X509Certificate } from 'node:crypto';
import { type CertificateTerms, type Issuer, keyIdOf, type SignedCertificate, signCertificate } from './certificate.ts';
import { elements, oid, pem } from './der.ts';
import { newEncodedKey } from './ec-key.ts';

const SUBJECT_KEY_ID = oid('2.5.29.14');

/** An authority that signs from its certificate and key (PEM), whoever made them. Throws for what is no certificate or no key. */
export function issuerOf(certificate: string, key: string): Issuer {
  const { raw, publicKey } = new X509Certificate(certificate);
  return {
    name: subjectOf(raw),
    privateKey: createPrivateKey(key),
    keyId: subjectKeyIdOf(raw) ?? keyIdOf(publicKey.export({ type: 'spki', format: 'der' })),
  };
}

/** Makes a key and signs its certificate, for what kubeadm's certificates are for. */
export function issueCertificate(
  terms: Omit<CertificateTerms, 'authority' | 'publicKey' | 'keyUsage'>,
): SignedCertificate {
  const { publicKey, privateKey } = newEncodedKey();
  const certificate = signCertificate({
    ...terms,
    publicKey,
    authority: false,
    keyUsage: ['digitalSignature', 'keyEncipherment'],
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
function subjectKeyIdOf(certificate: Buffer): Buffer | undefined {
  const at = certificate.indexOf(SUBJECT_KEY_ID);
  if (at < 0) return undefined;
  const [value] = elements(certificate.subarray(at + SUBJECT_KEY_ID.length + 2));
  return value?.content;
}
