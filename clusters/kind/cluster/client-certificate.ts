import type { CertificateSubject, Issuer, SignedCertificate } from '../../pki/certificate.ts';
import { issueCertificate } from '../../pki/issuer.ts';

const HOUR_MS = 3600 * 1000;
/** Longer than any lab lives; a server that adopts it signs anew. */
const LIFETIME_MS = 7 * 24 * HOUR_MS;
/** Clocks of machines differ. */
const SKEW_MS = 5 * 60 * 1000;

/** A fresh key and a certificate for it by which the API server knows its holder. `now` in milliseconds since 1970. */
export const clientCertificate = (issuer: Issuer, subject: CertificateSubject, now: number): SignedCertificate =>
  issueCertificate({
    subject,
    issuer,
    notBefore: now - SKEW_MS,
    notAfter: now + LIFETIME_MS,
    extendedKeyUsage: ['clientAuth'],
  });
