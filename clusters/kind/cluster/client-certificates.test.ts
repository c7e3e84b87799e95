import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { clientCertificate, issuerOf } from './client-certificates.ts';

const folder = mkdtempSync(join(tmpdir(), 'client-certificates-'));
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

test.each([
  ['RSA', ['rsa:2048']],
  ['ECDSA', ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256']],
])('a client certificate verifies against an authority with a key of %s', (_, key) => {
  const ca = authority(key);
  const subject = { commonName: 'ada', organizations: ['readers', 'system:masters'] };
  const signed = clientCertificate(issuerOf(ca.certificate, ca.key), subject, Date.now());
  const certificate = new X509Certificate(signed.certificate);
  const issuer = new X509Certificate(ca.certificate);
  expect(certificate.verify(issuer.publicKey)).toBe(true);
  expect(certificate.checkIssued(issuer)).toBe(true);
  expect(certificate.subject.split('\n').toSorted()).toEqual(['CN=ada', 'O=readers', 'O=system:masters']);
  expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2']);
  expect(certificate.validToDate.getTime() - Date.now()).toBeGreaterThan(24 * 3600 * 1000);
});

test('what is no certificate throws', () => {
  expect(() => issuerOf('no certificate', 'no key')).toThrow(/PEM|asn1/i);
});
