import { X509Certificate } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FolderHost } from '../folder-host.ts';
import { makeTestPki, type TestPki } from '../test-pki.ts';
import { kubeadm } from './kubeadm.ts';

let resources: AsyncDisposableStack;
beforeEach(() => {
  resources = new AsyncDisposableStack();
});
afterEach(() => resources.disposeAsync());

const base64 = (text: string): string => Buffer.from(text).toString('base64');

const kubeconfigOf = (cluster: object, user: object): object => ({
  apiVersion: 'v1',
  kind: 'Config',
  clusters: [{ name: 'kubernetes', cluster }],
  users: [{ name: 'admin', user }],
  contexts: [{ name: 'admin@kubernetes', context: { cluster: 'kubernetes', user: 'admin' } }],
  'current-context': 'admin@kubernetes',
});

async function controlPlane(more: (pki: TestPki) => Readonly<Record<string, string>> = () => ({})) {
  const pki = await makeTestPki(resources);
  const user = {
    'client-certificate-data': base64(pki.text('client.crt')),
    'client-key-data': base64(pki.text('client.key')),
  };
  const cluster = { server: 'https://10.10.0.10:6443', 'certificate-authority-data': base64(pki.text('ca.crt')) };
  const host = resources.use(
    await FolderHost.create('controlplane', {
      '/etc/kubernetes/pki/ca.crt': pki.text('ca.crt'),
      '/etc/kubernetes/pki/apiserver.crt': pki.text('server.crt'),
      '/etc/kubernetes/pki/etcd/peer.crt': 'not a certificate',
      '/etc/kubernetes/admin.conf': JSON.stringify(kubeconfigOf(cluster, user)),
      '/lost.conf': JSON.stringify({ ...kubeconfigOf(cluster, user), 'current-context': 'elsewhere' }),
      ...more(pki),
    }),
  );
  // A day before the certificates of two days end.
  const clock = { now: () => Date.now() + 86_400_000, after: () => ({ [Symbol.dispose]: () => {} }) };
  const command = kubeadm({
    host,
    clock,
    randomness: { uuid: () => '', int: () => 1 },
    release: 'v1.36.0',
  });
  await host.installCommand('kubeadm', command);
  return { host, pki };
}

const withKey = (pki: TestPki) => ({ '/etc/kubernetes/pki/ca.key': pki.text('ca.key') });

test('certs check-expiration tells when the files on the host end, in kubeconfigs too, which are missing, and whose key is elsewhere', async () => {
  const lines = async (host: FolderHost): Promise<string[]> =>
    (await host.call('kubeadm', ['certs', 'check-expiration'])).stdout
      .replaceAll(/\w{3} \d\d, \d{4} \d\d:\d\d UTC/g, 'DATE')
      .replaceAll(/ {2,}/g, ' | ')
      .split('\n');
  const said = await lines((await controlPlane(withKey)).host);
  expect(said).toContain('admin.conf | DATE | 23h | ca | no');
  expect(said).toContain('apiserver | DATE | 23h | ca | no');
  expect(said).toContain('!MISSING! etcd-peer');
  expect(said).toContain('ca | DATE | 23h | no');
  expect(await lines((await controlPlane()).host)).toContain('apiserver | DATE | 23h | ca | yes');
});

test('certs renew signs anew for a year, with the names that were there', async () => {
  const { host, pki } = await controlPlane(withKey);
  const path = '/etc/kubernetes/pki/apiserver.crt';
  const read = async (): Promise<X509Certificate> => {
    const file = await host.readFile(path, { maxBytes: 10_000 });
    return new X509Certificate(file.outcome === 'read' ? file.content : '');
  };
  const before = await read();
  expect((await host.call('kubeadm', ['certs', 'renew', 'apiserver'])).stdout).toContain(
    'certificate for serving the Kubernetes API renewed',
  );
  const after = await read();
  expect(after.subject).toBe(before.subject);
  expect(after.subjectAltName).toBe('DNS:localhost, DNS:node01, IP Address:127.0.0.1');
  expect(after.verify(new X509Certificate(pki.text('ca.crt')).publicKey)).toBe(true);
  expect((after.validToDate.getTime() - Date.now()) / 86_400_000).toBeCloseTo(366, 0);
  expect(after.publicKey.equals(before.publicKey)).toBe(false);
});

test('certs renew leaves what has no key to be signed with, and all of them are told of', async () => {
  const { host } = await controlPlane();
  const { stdout } = await host.call('kubeadm', ['certs', 'renew', 'all']);
  expect(stdout).toContain("Detected external ca, certificate for serving the Kubernetes API can't be renewed");
  expect(stdout).toContain('MISSING! certificate for serving etcd\n');
  expect(stdout).toContain('You must restart the kube-apiserver, kube-controller-manager, kube-scheduler and etcd');
});

test.each([
  [
    ['token', 'list'],
    'Get "https://10.10.0.10:6443/api/v1/namespaces/kube-system/secrets?timeout=10s": dial tcp 10.10.0.10:6443: connect: connection refused',
  ],
  [
    ['token', 'create', 'short'],
    String.raw`the bootstrap token "short" was not of the form "\\A([a-z0-9]{6})\\.([a-z0-9]{16})\\z"`,
  ],
  [
    ['token', 'list', '--kubeconfig', '/nope'],
    'failed to load admin kubeconfig: open /nope: no such file or directory',
  ],
  [
    ['token', 'list', '--kubeconfig', '/lost.conf'],
    'failed to load admin kubeconfig: invalid configuration: [context was not found for specified context: elsewhere, cluster has no server defined]',
  ],
  [
    ['upgrade', 'plan'],
    'unable to fetch the kubeadm-config ConfigMap: failed to get config map: Get "https://10.10.0.10:6443/',
  ],
])('%s fails in kubeadm’s words', async (args, words) => {
  const { host } = await controlPlane();
  expect(await host.call('kubeadm', args)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining(`error: ${words}`),
  });
});

test('images and versions are those of kubeadm’s own release', async () => {
  const { host } = await controlPlane();
  expect((await host.call('kubeadm', ['config', 'images', 'list'])).stdout).toContain(
    'registry.k8s.io/kube-apiserver:v1.36.0\n',
  );
  expect((await host.call('kubeadm', ['version', '-o', 'short'])).stdout).toBe('v1.36.0\n');
});

test('what makes clusters is refused in words', async () => {
  const { host } = await controlPlane();
  expect(await host.call('kubeadm', ['init'])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('not simulated: kubeadm init'),
  });
});
