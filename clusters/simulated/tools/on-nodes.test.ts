import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { HostName } from '../../../protocol/host.ts';
import { impossible, whyNot } from '../hosts/host-fixture.ts';
import { type LabOnHosts, labOnHosts } from '../lab-on-hosts.ts';

/** On a busy machine; an idle one needs a second. */
const WITHIN_MS = 15_000;

const pod = (name: string, securityContext: object) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default' },
  spec: {
    nodeName: 'node01',
    containers: [{ name: 'c', image: 'busybox:1.37', command: ['sleep', '1000'], securityContext }],
  },
});

/** The tools of a real lab's machines, as a learner uses them there. */
describe.skipIf(impossible)(`the tools of the nodes${whyNot}`, () => {
  let lab: LabOnHosts;

  beforeAll(async () => {
    const seccompProfile = { type: 'Localhost', localhostProfile: 'profiles/fine-grained.json' };
    const appArmorProfile = { type: 'Localhost', localhostProfile: 'k8s-deny-write' };
    const ownProfile = { type: 'Localhost', localhostProfile: 'own' };
    lab = await labOnHosts(
      ['controlplane', 'node01'],
      [
        pod('fine', { seccompProfile }),
        pod('readonly', { appArmorProfile }),
        pod('denied', { appArmorProfile: ownProfile }),
      ],
    );
  }, 60_000);
  afterAll(() => lab?.[Symbol.asyncDispose]());

  const sh = (host: HostName, line: string): Promise<string> => lab.sh(host, line);

  /** Runs a line in a pod through its kubelet. */
  const inside = (name: string, line: string) =>
    sh(
      'controlplane',
      `cd /etc/kubernetes/pki; curl -sk --cert apiserver-kubelet-client.crt --key apiserver-kubelet-client.key -X POST https://10.10.0.11:10250/run/default/${name}/c --data-urlencode 'cmd=${line}'`,
    );

  test('kube-bench passes a flag once the API server runs with it', async () => {
    const asked = 'kube-bench run --targets master --check 1.2.15 --noremediations --nosummary --nototals';
    expect(await sh('controlplane', asked)).toContain('[FAIL] 1.2.15');
    await sh(
      'controlplane',
      String.raw`sed -Ei 's/^( *)- kube-apiserver$/&\n\1- --profiling=false/' /etc/kubernetes/manifests/kube-apiserver.yaml`,
    );
    await expect.poll(() => sh('controlplane', asked), { timeout: WITHIN_MS }).toContain('[PASS] 1.2.15');
  });

  test('kube-bench fails of a worker only the modes that its package and kubeadm leave', async () => {
    const lines = await sh('node01', 'kube-bench run --targets node --noremediations --nosummary --nototals');
    expect(lines.match(/\[FAIL\] \S+/g)).toEqual(['[FAIL] 4.1.1', '[FAIL] 4.1.9']);
  });

  test('a seccomp profile of the node holds a pod', async () => {
    await expect.poll(() => inside('fine', 'id -u'), { timeout: WITHIN_MS }).toBe('0');
    expect(await inside('fine', 'mkdir /tmp/x')).toContain('Operation not permitted');
    expect(await inside('fine', 'touch /tmp/x')).toBe('');
  });

  test('a pod under a profile that apparmor_parser has loaded reads and does not write', async () => {
    expect(await sh('node01', 'apparmor_parser -r /etc/apparmor.d/deny-write; aa-status --enforced')).toBe('2');
    await expect.poll(() => inside('readonly', 'id -u'), { timeout: WITHIN_MS }).toBe('0');
    expect(await inside('readonly', 'touch /tmp/x')).toContain('Permission denied');
    expect(await inside('readonly', 'cat /etc/hostname')).toBe('readonly');
  });

  test('a pod under a profile of the learner’s own is denied the files that it names', async () => {
    const profile = `profile own {
  file,
  network,
  audit deny /etc/group r,
  deny /bin/{wget,nc} x,
  capability,
  deny capability chown,
}`;
    const loaded = await sh(
      'node01',
      `cat > /etc/apparmor.d/own <<'E'\n${profile}\nE\napparmor_parser /etc/apparmor.d/own`,
    );
    expect(loaded).toBe('');
    await expect.poll(() => inside('denied', 'id -u'), { timeout: WITHIN_MS }).toBe('0');
    expect(await inside('denied', 'cat /etc/passwd')).toContain('root:x:0:0');
    expect(await inside('denied', 'cat /etc/group')).toContain("can't open '/etc/group': Permission denied");
    expect(await inside('denied', 'env nc -h')).toContain('ermission denied');
    expect(await inside('denied', 'chown 1 /tmp')).toContain('Operation not permitted');
    expect(await inside('denied', 'cat /proc/1/attr/current')).toBe('own (enforce)');
    await expect
      .poll(() => sh('node01', 'dmesg | tail -1'), { timeout: WITHIN_MS })
      .toMatch(/apparmor="DENIED" operation="open" class="file" profile="own" name="\/etc\/group" pid=\d+ comm="cat"/);
    expect(await sh('node01', 'journalctl -k -n 1 -o cat')).toMatch(
      /^audit: type=1400 audit\(\d+\.\d{3}:1\): apparmor=/,
    );
  });

  test('one of the worker’s platform binaries is not what was published', async () => {
    const check = 'cd /opt/binaries && sha512sum --quiet -c /opt/releases/*/SHA512SUMS 2>/dev/null';
    expect(await sh('controlplane', check)).toBe('');
    expect(await sh('node01', check)).toBe('kube-proxy: FAILED [status 1]');
  });
});
