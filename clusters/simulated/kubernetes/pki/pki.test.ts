import { createPrivateKey, X509Certificate } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { createPki } from './pki.ts';
import { readCertificateRequest } from './certificate-request.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');
const pki = createPki({
  now: NOW,
  controlPlane: { name: 'controlplane', addresses: ['10.0.0.10'] },
  server: 'https://controlplane:6443',
  serviceAddress: '10.96.0.1',
});
const certificate = (path: string): X509Certificate => new X509Certificate(pki.file(path)?.content ?? '');

describe('createPki', () => {
  it('signs every certificate with the authority kubeadm would use', () => {
    const signedBy: Record<string, readonly string[]> = {
      '/etc/kubernetes/pki/ca.crt': ['ca', 'apiserver', 'apiserver-kubelet-client'],
      '/etc/kubernetes/pki/front-proxy-ca.crt': ['front-proxy-ca', 'front-proxy-client'],
      '/etc/kubernetes/pki/etcd/ca.crt': [
        'etcd/ca',
        'etcd/server',
        'etcd/peer',
        'etcd/healthcheck-client',
        'apiserver-etcd-client',
      ],
    };
    for (const [authority, names] of Object.entries(signedBy)) {
      for (const name of names) {
        const signed = certificate(`/etc/kubernetes/pki/${name}.crt`);
        expect(signed.checkIssued(certificate(authority))).toBe(true);
        expect(signed.verify(certificate(authority).publicKey)).toBe(true);
      }
    }
  });

  it('names the API server as kubeadm does', () => {
    const server = certificate('/etc/kubernetes/pki/apiserver.crt');
    expect(server.subject).toBe('CN=kube-apiserver');
    expect(server.subjectAltName).toBe(
      'DNS:controlplane, DNS:kubernetes, DNS:kubernetes.default, DNS:kubernetes.default.svc, DNS:kubernetes.default.svc.cluster.local, IP Address:10.96.0.1, IP Address:10.0.0.10',
    );
    expect(Date.parse(server.validTo) - NOW).toBe(365 * 24 * 3600 * 1000);
    expect(server.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
  });

  it('gives admin.conf the group kubeadm binds to cluster-admin', () => {
    const text = pki.file('/etc/kubernetes/admin.conf')?.content ?? '';
    const data = /client-certificate-data: (.*)/.exec(text)?.[1] ?? '';
    expect(new X509Certificate(Buffer.from(data, 'base64')).subject).toBe(
      'O=kubeadm:cluster-admins\nCN=kubernetes-admin',
    );
  });

  it('is read by openssl without complaint', () => {
    const text = execFileSync('openssl', ['x509', '-noout', '-text'], {
      input: pki.file('/etc/kubernetes/pki/ca.crt')?.content,
    });
    expect(text.toString()).toContain('CA:TRUE');
    expect(text.toString()).toContain('Digital Signature, Key Encipherment, Certificate Sign');
  });

  it('keeps private keys from other users', () => {
    for (const file of pki.files()) {
      expect(file.mode).toBe(file.content.includes('PRIVATE KEY') || !file.path.endsWith('.crt') ? 0o600 : 0o644);
    }
  });

  it('makes keys and certificates that belong together', () => {
    const { certificate: pem, key } = pki.clientCertificate({ commonName: 'jane', organizations: ['dev', 'ops'] });
    expect(new X509Certificate(pem).checkPrivateKey(createPrivateKey(key))).toBe(true);
  });
});

describe('readCertificateRequest', () => {
  const request = execFileSync(
    'openssl',
    [
      'req',
      '-new',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-keyout',
      '/dev/null',
      '-subj',
      '/O=dev/O=ops/CN=jane',
      '-addext',
      'subjectAltName=DNS:a.example,IP:10.1.2.3',
    ],
    { stdio: ['ignore', 'pipe', 'ignore'] },
  ).toString();

  it('reads what openssl asks for, and the authority signs it', () => {
    const result = readCertificateRequest(request);
    if ('failed' in result) throw new Error(result.failed);
    expect(result.ok).toMatchObject({
      commonName: 'jane',
      organizations: ['dev', 'ops'],
      dnsNames: ['a.example'],
      addresses: ['10.1.2.3'],
    });
    const signed = pki.signRequest(result.ok, {
      notBefore: NOW,
      notAfter: NOW + 3600_000,
      keyUsage: ['digitalSignature'],
      extendedKeyUsage: ['clientAuth'],
    });
    expect(new X509Certificate(signed).subject).toBe('O=dev\nO=ops\nCN=jane');
  });

  it('refuses other PEM blocks and broken ones in words', () => {
    expect(readCertificateRequest('hello')).toEqual({ failed: 'PEM block type must be CERTIFICATE REQUEST' });
    const body = request.split('\n').slice(1, 3).join('');
    expect(
      readCertificateRequest(`-----BEGIN CERTIFICATE REQUEST-----\n${body}\n-----END CERTIFICATE REQUEST-----\n`),
    ).toHaveProperty('failed');
  });
});
