import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { impossible, whyNot } from './hosts/host-fixture.ts';
import { type LabOnHosts, labOnHosts } from './lab-on-hosts.ts';

describe.skipIf(impossible)(`packages and kubeadm on a lab's nodes${whyNot}`, () => {
  let lab: LabOnHosts;
  beforeAll(async () => void (lab = await labOnHosts(['controlplane', 'node01'])), 60_000);
  afterAll(() => lab?.[Symbol.asyncDispose]());

  interface Node {
    readonly status: { readonly nodeInfo: { readonly kubeletVersion: string } };
  }
  const version = async (): Promise<string> =>
    (await lab.get<Node>('/api/v1/nodes/node01'))?.status.nodeInfo.kubeletVersion ?? 'absent';

  test('a worker is upgraded as in the exam: its Node tells the new version once the kubelet is restarted', async () => {
    await lab.sh('node01', 'apt-get install -y --allow-downgrades kubelet=1.36.0-1.1 && systemctl restart kubelet');
    expect(await lab.eventually(version, /0$/)).toBe('v1.36.0');
    expect(await lab.sh('controlplane', 'kubeadm upgrade plan')).toMatch(/kubelet +node01 +v1.36.0 +v1.36.2/);
    await lab.sh('node01', 'echo "# only here" >> /var/lib/kubelet/config.yaml');
    expect(await lab.sh('node01', 'kubeadm upgrade node')).toContain('was successfully upgraded!');
    expect(
      await lab.sh('node01', 'grep -c "only here" /var/lib/kubelet/config.yaml /etc/kubernetes/tmp/*/config.yaml'),
    ).toMatch(/kubelet\/config.yaml:0\n\/etc.*:1/);
    await lab.sh('node01', 'apt-get install -y kubelet=1.36.2-1.1');
    expect(await lab.sh('node01', 'kubelet --version')).toBe('Kubernetes v1.36.2');
    expect(await version()).toBe('v1.36.0');
    await lab.sh('node01', 'systemctl daemon-reload; systemctl restart kubelet');
    expect(await lab.eventually(version, /2$/)).toBe('v1.36.2');
  });

  test('a token to join with is a Secret of the cluster until it is deleted', async () => {
    const join = await lab.sh('controlplane', 'kubeadm token create --print-join-command --description tests');
    const [, token = '', id = ''] = /^kubeadm join 10\.10\.0\.10:6443 --token ((\w{6})\.\w{16}) /.exec(join) ?? [];
    const [hash = ''] = /[0-9a-f]{64}/.exec(join) ?? [];
    const digest =
      'openssl x509 -pubkey -noout -in /etc/kubernetes/pki/ca.crt | openssl pkey -pubin -outform der | sha256sum';
    expect(await lab.sh('controlplane', digest)).toContain(hash);
    expect(await lab.sh('controlplane', 'kubeadm token list')).toMatch(new RegExp(`${token} +23h +.*tests`));
    expect(await lab.get(`/api/v1/namespaces/kube-system/secrets/bootstrap-token-${id}`)).toBeDefined();
    await lab.sh('controlplane', `kubeadm token delete ${id}`);
    expect(await lab.get(`/api/v1/namespaces/kube-system/secrets/bootstrap-token-${id}`)).toBeUndefined();
  });

  test('a renewed certificate is served once its component was started anew', async () => {
    const served = () =>
      lab.sh(
        'controlplane',
        'openssl s_client -connect 127.0.0.1:6443 </dev/null 2>/dev/null | openssl x509 -noout -fingerprint',
      );
    const onDisk = () =>
      lab.sh('controlplane', 'openssl x509 -in /etc/kubernetes/pki/apiserver.crt -noout -fingerprint');
    const before = await served();
    await lab.sh('controlplane', 'kubeadm certs renew apiserver');
    expect(await onDisk()).not.toBe(before);
    expect(await served()).toBe(before);
    const manifest = '/etc/kubernetes/manifests/kube-apiserver.yaml';
    await lab.sh('controlplane', `mv ${manifest} /root`);
    expect(await lab.eventually(served, /status 1/)).toContain('status 1'); // nobody serves any
    await lab.sh('controlplane', `mv /root/kube-apiserver.yaml ${manifest}`);
    const now = await onDisk();
    expect(await lab.eventually(served, new RegExp(now))).toBe(now);
  });
});
