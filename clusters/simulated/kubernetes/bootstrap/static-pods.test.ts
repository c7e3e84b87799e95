import { expect, test } from 'vitest';
import { createPki } from '../pki/pki.ts';
import { clusterFiles } from '../../lab-files.ts';

test('a manifest has its lists where kubeadm has them, so that lines from elsewhere can be pasted in', () => {
  const pki = createPki({
    now: Date.now(),
    controlPlane: { name: 'controlplane', addresses: ['127.0.0.1'] },
    server: 'https://127.0.0.1:6443',
    serviceAddress: '10.96.0.1',
  });
  const file = clusterFiles(pki).find(({ path }) => path === '/etc/kubernetes/manifests/kube-apiserver.yaml');
  for (const line of [
    '  - command:\n    - kube-apiserver\n    - --advertise-address=',
    '    volumeMounts:\n    - mountPath: /etc/ssl/certs\n      name: ca-certs\n      readOnly: true\n',
    '  volumes:\n  - hostPath:\n      path: /etc/ssl/certs\n',
  ])
    expect(Buffer.from(file?.content ?? []).toString()).toContain(line);
});
