import { execFileSync } from 'node:child_process';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { issueCertificate, issuerOf } from './issuer.ts';

const folder = mkdtempSync(join(tmpdir(), 'issuer-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** An authority as another program makes it, with the key that kubeadm makes by default or is told to make. */
function authority(key: readonly string[]): { certificate: string; key: string } {
  const [crt, keyFile] = [join(folder, 'ca.crt'), join(folder, 'ca.key')];
  execFileSync(
    'openssl',
    [
      'req',
      '-x509',
      '-nodes',
      '-subj',
      '/CN=kubernetes',
      '-days',
      '2',
      '-newkey',
      ...key,
      '-keyout',
      keyFile,
      '-out',
      crt,
    ],
    { stdio: 'ignore' },
  );
  return { certificate: readFileSync(crt, 'utf8'), key: readFileSync(keyFile, 'utf8') };
}

const NOW = Date.parse('2026-03-01T12:00:00Z');

test.each([
  ['a key of RSA', ['rsa:2048']],
  ['a key of ECDSA', ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256']],
  ['no subject key identifier', ['rsa:2048', '-addext', 'subjectKeyIdentifier=none']],
])('what is issued verifies against an authority with %s', (_, key) => {
  const ca = authority(key);
  const issued = issueCertificate({
    issuer: issuerOf(ca.certificate, ca.key),
    subject: { commonName: 'ada', organizations: ['readers', 'system:masters'] },
    notBefore: NOW,
    notAfter: NOW + 3_600_000,
    extendedKeyUsage: ['clientAuth'],
  });
  const certificate = new X509Certificate(issued.certificate);
  const issuer = new X509Certificate(ca.certificate);
  expect(certificate.verify(issuer.publicKey)).toBe(true);
  expect(certificate.checkIssued(issuer)).toBe(true);
  expect(certificate.checkPrivateKey(createPrivateKey(issued.key))).toBe(true);
  expect(certificate.subject.split('\n').toSorted()).toEqual(['CN=ada', 'O=readers', 'O=system:masters']);
});

test('what is no certificate throws', () => {
  expect(() => issuerOf('no certificate', 'no key')).toThrow(/PEM|asn1/i);
});
