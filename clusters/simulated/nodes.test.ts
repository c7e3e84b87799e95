import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { impossible, whyNot } from './hosts/host-fixture.ts';
import { type LabOnHosts, labOnHosts } from './lab-on-hosts.ts';

const MANIFEST = '/etc/kubernetes/manifests/kube-apiserver.yaml';
const API = 'https://10.10.0.10:6443';

describe.skipIf(impossible)(`the nodes of a lab${whyNot}`, () => {
  let lab: LabOnHosts;
  beforeAll(async () => void (lab = await labOnHosts(['workstation', 'controlplane', 'node01', 'internet'])), 60_000);
  afterAll(() => lab?.[Symbol.asyncDispose]());

  const sh: LabOnHosts['sh'] = (...line) => lab.sh(...line);
  const eventually: LabOnHosts['eventually'] = (...asked) => lab.eventually(...asked);
  const livez = () => sh('workstation', `curl -sk ${API}/livez 2>&1`);

  describe('kube-apiserver', () => {
    const broken: readonly [string, string, string, RegExp][] = [
      [
        'an unknown flag',
        `sed -Ei 's/^( *)- kube-apiserver$/&\\n\\1- --frobnicate=1/' ${MANIFEST}`,
        'crictl logs $(crictl ps -aq --name kube-apiserver | head -1)',
        /unknown flag: --frobnicate/,
      ],
      [
        'a file that is not there',
        `sed -i 's|--client-ca-file=.*|--client-ca-file=/etc/kubernetes/pki/nope.crt|' ${MANIFEST}`,
        'cat $(ls -td /var/log/pods/kube-system_kube-apiserver-controlplane_*/ | head -1)kube-apiserver/0.log',
        /stderr F .*\/etc\/kubernetes\/pki\/nope.crt: no such file or directory/,
      ],
      [
        'a file that its pod does not mount',
        `echo '{apiVersion: audit.k8s.io/v1, kind: Policy, rules: [{level: None}]}' > /etc/kubernetes/audit.yaml; sed -Ei 's|^( *)- kube-apiserver$|&\\n\\1- --audit-policy-file=/etc/kubernetes/audit.yaml|' ${MANIFEST}`,
        'crictl logs $(crictl ps -aq --name kube-apiserver | head -1)',
        /\/etc\/kubernetes\/audit.yaml: no such file or directory/,
      ],
      [
        'an address where there is no etcd',
        `sed -i 's|--etcd-servers=.*|--etcd-servers=https://127.0.0.1:23790|' ${MANIFEST}`,
        'crictl logs $(crictl ps -aq --name kube-apiserver | head -1)',
        /dial tcp 127.0.0.1:23790: connect: connection refused[^]*context deadline exceeded/,
      ],
      [
        'YAML that cannot be read',
        `sed -i 's/^spec:$/spec: [/' ${MANIFEST}`,
        'journalctl -u kubelet --no-pager',
        /Could not process manifest file.*kube-apiserver\.yaml/,
      ],
    ];
    test.each(broken)('%s in its manifest keeps it down, says why, and mending it brings it back', async (...given) => {
      const [, breaking, reason, words] = given;
      expect(await eventually(livez, /^ok/)).toBe('ok');
      await sh('controlplane', `cp ${MANIFEST} /root/before.yaml; ${breaking}`);
      expect(await eventually(livez, /status 7/)).toBe('[status 7]'); // curl: could not connect
      expect(await sh('workstation', 'exec 3<>/dev/tcp/controlplane/6443')).toContain('Connection refused');
      expect(await eventually(() => sh('controlplane', reason), words)).toMatch(words);
      await sh('controlplane', `cp /root/before.yaml ${MANIFEST}`);
      expect(await eventually(livez, /^ok/)).toBe('ok');
    });

    test('without etcd it says so of itself and serves nothing, until etcd is back', async () => {
      await sh('controlplane', 'mv /etc/kubernetes/manifests/etcd.yaml /root');
      expect(await eventually(livez, /failed/)).toContain('[-]etcd failed: reason withheld\n');
      expect(await livez()).toMatch(/livez check failed$/);
      const asAdmin = (path: string, ...options: string[]): Promise<string> => {
        const pair = ['crt', 'key'].map((one) => `/etc/kubernetes/pki/apiserver-kubelet-client.${one}`);
        return sh('controlplane', `curl -sk --cert ${pair[0]} --key ${pair[1]} ${options.join(' ')} ${API}${path}`);
      };
      expect(await asAdmin('/livez/etcd')).toContain('dial tcp 127.0.0.1:2379: connect: connection refused');
      expect(await asAdmin('/api/v1/namespaces/default', '-m 1')).toBe('[status 28]'); // no answer in time
      expect(await sh('workstation', `curl -sk ${API}/version`)).toContain('gitVersion');
      const patient = asAdmin('/api/v1/namespaces/default');
      await sh('controlplane', 'mv /root/etcd.yaml /etc/kubernetes/manifests');
      expect(await patient).toContain('"kind": "Namespace"');
      expect(await eventually(livez, /^ok/)).toBe('ok');
    });

    test('edits of its manifest wait while the kubelet is stopped, and what runs goes on running', async () => {
      await sh('controlplane', `systemctl stop kubelet; cp ${MANIFEST} /root/before.yaml; rm ${MANIFEST}`);
      expect(await livez()).toBe('ok');
      await sh('controlplane', 'systemctl start kubelet');
      expect(await eventually(livez, /status 7/)).toBe('[status 7]');
      await sh('controlplane', `cp /root/before.yaml ${MANIFEST}`);
      expect(await eventually(livez, /^ok/)).toBe('ok');
    });
  });

  test('a kubelet takes its configuration at its start, and then lets nobody in any more', async () => {
    const anonymous = () =>
      sh('internet', `curl -sk -o /dev/null -w '%{http_code}' https://10.10.0.11:10250/pods 2>&1`);
    const set = (enabled: boolean, mode: string) =>
      sh(
        'node01',
        `sed -i '/anonymous:/{n;s/enabled: .*/enabled: ${enabled}/};s/mode: .*/mode: ${mode}/' /var/lib/kubelet/config.yaml`,
      );
    expect(await anonymous()).toBe('401');
    await set(true, 'AlwaysAllow');
    expect(await anonymous()).toBe('401');
    await sh('node01', 'systemctl restart kubelet');
    expect(await anonymous()).toBe('200');
    await set(false, 'Webhook');
    expect(await anonymous()).toBe('200');
    await sh('node01', 'systemctl stop kubelet');
    expect(await anonymous()).toBe('000 [status 7]');
    await sh('node01', 'systemctl start kubelet');
    expect(await anonymous()).toBe('401');
  });

  test('show an administrator what they are used to', async () => {
    expect(await sh('controlplane', 'crictl ps --name etcd | tail -1')).toMatch(
      /Running +etcd +\d+ .*etcd-controlplane/,
    );
    expect(await sh('controlplane', 'crictl logs $(crictl ps -q --name etcd)')).toContain(
      'serving client traffic securely',
    );
    expect(await sh('controlplane', 'crictl logs $(crictl ps -q --name kube-apiserver)')).toContain('Serving securely');
    expect(await sh('controlplane', 'journalctl -u kubelet -o cat')).toContain('"SyncLoop ADD" source="file"');
    expect(await sh('controlplane', 'ls /etc/kubernetes/pki')).toContain('apiserver-etcd-client.crt');
    expect(await sh('controlplane', 'openssl x509 -in /etc/kubernetes/pki/apiserver.crt -noout -text')).toContain(
      'DNS:kubernetes.default.svc',
    );
    const shown = '--cacert /etc/kubernetes/pki/ca.crt --cert /var/lib/kubelet/pki/kubelet-client-current.pem';
    expect(await sh('node01', `curl -s ${shown} ${API}/api/v1/nodes/node01 | grep -c '"name": "node01"'`)).toBe('1');
    expect(await sh('node01', 'stat -c %a /etc/kubernetes/kubelet.conf')).toBe('600');
    expect(await sh('controlplane', 'cat /var/log/containers/kube-scheduler-controlplane_kube-system_*.log')).toMatch(
      /stderr F I\d{4} .*"Starting Kubernetes Scheduler"/,
    );
    expect(await sh('node01', 'cat /lib/systemd/system/kubelet.service.d/../kubelet.service')).toContain(
      'Restart=always',
    );
    expect(await sh('node01', 'ls /lib/systemd/system')).toBe(
      'containerd.service\ndocker.service\ndocker.socket\nfalco-modern-bpf.service\nkubelet.service\nkubelet.service.d\nssh.service',
    );
    for (const unit of ['kubelet', 'docker', 'ssh', 'containerd'])
      expect(await sh('node01', `systemctl status ${unit}`)).toContain('Active: active (running)');
  });

  test('systemctl edit opens an editor on the terminal of its caller, and takes what it leaves', async () => {
    const editor = '#!/bin/sh\nsed -i "2a [Service]\\nEnvironment=EDITED=yes" "$1"\n';
    await (await lab.lab.host('node01')).writeFile('/root/editor', Buffer.from(editor), { mode: 0o755 });
    await sh('node01', `EDITOR=/root/editor script -qec 'systemctl edit kubelet' /dev/null`);
    expect(await sh('node01', 'cat /etc/systemd/system/kubelet.service.d/override.conf')).toBe(
      '[Service]\nEnvironment=EDITED=yes',
    );
    expect(
      await sh('node01', 'ls -A /etc/systemd/system/kubelet.service.d; systemctl show -p Environment kubelet'),
    ).toMatch(/^override.conf\nEnvironment=.*EDITED=yes$/);
  });

  test('without containerd there is no crictl, and with it again there is', async () => {
    await sh('node01', 'systemctl stop containerd');
    expect(await sh('node01', 'crictl ps')).toContain('dial unix /run/containerd/containerd.sock');
    await sh('node01', 'systemctl start containerd');
    expect(await sh('node01', 'crictl ps')).toMatch(/^CONTAINER/);
  });
});
