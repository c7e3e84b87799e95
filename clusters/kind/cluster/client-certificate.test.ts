import { X509Certificate } from 'node:crypto';
import { expect, test } from 'vitest';
import { CertificateAuthority } from '../../pki/certificate-authority.ts';
import { issuerOf } from '../../pki/issuer.ts';
import { clientCertificate } from './client-certificate.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');
const HOUR_MS = 3600 * 1000;

test('is for clients alone, holds already and outlives a lab', () => {
  const { certificate: root, key } = new CertificateAuthority('kubernetes', NOW, NOW + HOUR_MS);
  const signed = clientCertificate(issuerOf(root, key), { commonName: 'ada', organizations: ['readers'] }, NOW);
  const certificate = new X509Certificate(signed.certificate);
  expect(certificate.checkIssued(new X509Certificate(root))).toBe(true);
  expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2']);
  expect(certificate.validFromDate.getTime()).toBeLessThan(NOW);
  expect(certificate.validToDate.getTime()).toBeGreaterThan(NOW + 24 * HOUR_MS);
});
