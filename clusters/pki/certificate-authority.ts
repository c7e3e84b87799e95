import {
  type CertificateTerms,
  type Issuer,
  keyIdOf,
  nameOf,
  type SignedCertificate,
  signCertificate,
} from './certificate.ts';
import { pem } from './der.ts';
import { newSigningKey } from './ec-key.ts';
import { issueCertificate } from './issuer.ts';

/** A self-signed authority that has signed nothing yet. */
export class CertificateAuthority {
  readonly certificate: string;
  readonly key: string;
  readonly #issuer: Issuer;

  /** With a key of its own. Times in milliseconds since 1970. */
  constructor(commonName: string, notBefore: number, notAfter: number) {
    const { signer, publicKey, privateKey } = newSigningKey();
    this.#issuer = { name: nameOf({ commonName }), privateKey: signer, keyId: keyIdOf(publicKey) };
    this.key = pem('EC PRIVATE KEY', privateKey);
    this.certificate = signCertificate({
      subject: { commonName },
      publicKey,
      issuer: this.#issuer,
      notBefore,
      notAfter,
      authority: true,
      keyUsage: ['digitalSignature', 'keyEncipherment', 'keyCertSign'],
      extendedKeyUsage: [],
      dnsNames: [commonName],
    });
  }

  sign(terms: Omit<CertificateTerms, 'issuer' | 'authority'>): string {
    return signCertificate({ ...terms, issuer: this.#issuer, authority: false });
  }

  /** Makes a key and signs its certificate. */
  issue(terms: Omit<CertificateTerms, 'issuer' | 'authority' | 'publicKey' | 'keyUsage'>): SignedCertificate {
    return issueCertificate({ ...terms, issuer: this.#issuer });
  }
}
