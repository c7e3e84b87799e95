import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { CertificateAuthority } from './certificate-authority.ts';
import { newEncodedKey } from './ec-key.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');

test('writes no key usage into a certificate that is for none: no verifier takes an empty one', () => {
  const authority = new CertificateAuthority('kubernetes', NOW, NOW + 3_600_000);
  const input = authority.sign({
    subject: { commonName: 'jane' },
    publicKey: newEncodedKey().publicKey,
    notBefore: NOW,
    notAfter: NOW + 3_600_000,
    keyUsage: [],
    extendedKeyUsage: ['clientAuth'],
  });
  const text = execFileSync('openssl', ['x509', '-noout', '-text'], { input }).toString();
  expect(text).toContain('TLS Web Client Authentication');
  expect(text).not.toContain('X509v3 Key Usage');
});
