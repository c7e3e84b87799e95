import { afterEach, beforeEach, expect, test } from 'vitest';
import { FolderHost } from '../folder-host.ts';
import { makeTestPki } from '../test-pki.ts';
import { kubeadm } from './kubeadm.ts';

let resources: AsyncDisposableStack;
beforeEach(() => {
  resources = new AsyncDisposableStack();
});
afterEach(() => resources.disposeAsync());

async function controlPlane() {
  const pki = await makeTestPki(resources);
  const certificate = Buffer.from(pki.text('client.crt')).toString('base64');
  const host = resources.use(
    await FolderHost.create('controlplane', {
      '/etc/kubernetes/pki/ca.crt': pki.text('ca.crt'),
      '/etc/kubernetes/pki/apiserver.crt': pki.text('server.crt'),
      '/etc/kubernetes/pki/etcd/peer.crt': 'not a certificate',
      '/etc/kubernetes/admin.conf': JSON.stringify({ users: [{ user: { 'client-certificate-data': certificate } }] }),
    }),
  );
  // A day before the certificates of two days end.
  const clock = { now: () => Date.now() + 86_400_000, after: () => ({ [Symbol.dispose]: () => {} }) };
  await host.installCommand('kubeadm', kubeadm(host, 'v1.36.0', clock));
  return host;
}

test('certs check-expiration tells when the files on the host end, in kubeconfigs too, and which are missing', async () => {
  const host = await controlPlane();
  const { code, stdout } = await host.call('kubeadm', ['certs', 'check-expiration']);
  const lines = stdout
    .replaceAll(/\w{3} \d\d, \d{4} \d\d:\d\d UTC/g, 'DATE')
    .replaceAll(/ {2,}/g, ' | ')
    .split('\n');
  expect(code).toBe(0);
  expect(lines).toContain('admin.conf | DATE | 23h | ca | no');
  expect(lines).toContain('apiserver | DATE | 23h | ca | no');
  expect(lines).toContain('!MISSING! etcd-peer');
  expect(lines).toContain('ca | DATE | 23h | no');
});

test('what would change the cluster is refused in words', async () => {
  const host = await controlPlane();
  expect(await host.call('kubeadm', ['certs', 'renew', 'all'])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('not simulated: kubeadm certs renew all'),
  });
});
