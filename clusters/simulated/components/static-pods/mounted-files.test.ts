import { expect, test } from 'vitest';
import type { StaticPod } from './static-pod-file.ts';
import { mountedFiles, nodePathOf } from './mounted-files.ts';
import { filesInMemory } from '../node/node-files.ts';

const pod = (volumeMounts: readonly object[], volumes: readonly object[]) =>
  ({
    container: 'kube-apiserver',
    object: { spec: { containers: [{ name: 'kube-apiserver', volumeMounts }], volumes } },
  }) as unknown as StaticPod;

const PKI = pod(
  [
    { name: 'k8s-certs', mountPath: '/etc/kubernetes/pki', readOnly: true },
    { name: 'policies', mountPath: '/etc/kubernetes/pki/policies/' },
    { name: 'one', mountPath: '/etc/one.yaml', subPath: 'sub/one.yaml' },
    { name: 'scratch', mountPath: '/scratch' },
  ],
  [
    { name: 'k8s-certs', hostPath: { path: '/etc/kubernetes/pki' } },
    { name: 'policies', hostPath: { path: '/root/policies/' } },
    { name: 'one', hostPath: { path: '/root' } },
    { name: 'scratch', emptyDir: {} },
  ],
);

test.each([
  ['/etc/kubernetes/pki/ca.crt', '/etc/kubernetes/pki/ca.crt', true],
  ['/etc/kubernetes/pki', '/etc/kubernetes/pki', true],
  ['/etc/kubernetes/pki/policies/a/b.yaml', '/root/policies/a/b.yaml', false],
  ['/etc/one.yaml', '/root/sub/one.yaml', false],
])('%s is %s of the node', (path, there, readOnly) => {
  expect(nodePathOf(PKI, path)).toEqual({ path: there, readOnly });
});

test.each([['/etc/kubernetes/pki2/x'], ['/etc/kubernetes/audit/policy.yaml'], ['/scratch/x']])(
  '%s is not to be seen',
  (path) => {
    expect(nodePathOf(PKI, path)).toBeUndefined();
  },
);

test('a file that is on the node and in no mount cannot be read, and what is written there reaches no disk', async () => {
  const written: string[] = [];
  const content = Buffer.from('x');
  const memory = filesInMemory([{ host: 'controlplane', path: '/etc/audit.yaml', content, mode: 0o600 }]);
  const append = (path: string) => Promise.resolve(void written.push(path));
  const seen = mountedFiles({ ...memory, log: { ...memory.log, append } }, () => PKI);
  await expect(seen.read('/etc/audit.yaml')).resolves.toBeUndefined();
  await seen.log.append('/var/log/audit.log', 'line');
  await seen.log.append('/etc/kubernetes/pki/policies/audit.log', 'line');
  expect(written).toEqual(['/root/policies/audit.log']);
  await expect(seen.log.append('/etc/kubernetes/pki/audit.log', 'line')).rejects.toThrow('read-only file system');
});
