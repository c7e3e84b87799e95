import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { impossible, whyNot } from './hosts/host-fixture.ts';
import { type LabOnHosts, labOnHosts } from './lab-on-hosts.ts';

const SCHEDULER = '/etc/kubernetes/manifests/kube-scheduler.yaml';

describe.skipIf(impossible)(`static pods of a lab's nodes${whyNot}`, () => {
  let lab: LabOnHosts;
  beforeAll(async () => void (lab = await labOnHosts(['controlplane', 'node01'])), 60_000);
  afterAll(() => lab?.[Symbol.asyncDispose]());

  const pod = (name: string) => lab.get<{ status: Status }>(`/api/v1/namespaces/kube-system/pods/${name}`);
  interface Status {
    readonly containerStatuses: readonly {
      readonly ready: boolean;
      readonly state: { readonly waiting?: { readonly reason: string }; readonly running?: object };
    }[];
  }
  const stateOf = async (name: string): Promise<string> => {
    const [status] = (await pod(name))?.status.containerStatuses ?? [];
    return status === undefined ? 'absent' : `${status.state.waiting?.reason ?? 'Running'} ${status.ready}`;
  };

  test('whatever lies in the folder of a worker runs there, under the name of its node, and comes back when it is deleted', async () => {
    const manifest = `{apiVersion: v1, kind: Pod, metadata: {name: web, namespace: kube-system}, spec: {containers: [{name: web, image: "nginx:1.27"}]}}`;
    await lab.sh('node01', `echo '${manifest}' > /etc/kubernetes/manifests/web.yaml`);
    expect(await lab.eventually(() => stateOf('web-node01'), /true/)).toBe('Running true');
    expect(await lab.sh('node01', 'crictl ps -r --name web | tail -1')).toMatch(
      /nginx:1.27 .* Running +web +0 .*web-node01/,
    );
    expect(await lab.sh('node01', 'journalctl -u kubelet -o cat')).toContain(
      '"SyncLoop ADD" source="file" pods=["kube-system/web-node01"]',
    );
    const uid = async (): Promise<string> => {
      const found = await lab.get<{ metadata: { uid: string } }>('/api/v1/namespaces/kube-system/pods/web-node01');
      return found?.metadata.uid ?? 'absent';
    };
    const before = await uid();
    await lab.ask({ method: 'DELETE', path: '/api/v1/namespaces/kube-system/pods/web-node01' });
    expect(
      await lab.eventually(async () => String((await uid()) !== before && (await stateOf('web-node01'))), /true/),
    ).toBe('Running true');
    await lab.sh('node01', 'rm /etc/kubernetes/manifests/web.yaml');
    expect(await lab.eventually(() => stateOf('web-node01'), /absent/)).toBe('absent');
  });

  test.each([
    [
      'an image that does not exist',
      's/image: .*/image: registry.k8s.io\\/kube-scheduler:v9/',
      'ErrImagePull',
      /with ErrImagePull/,
    ],
    [
      'a hostPath of the wrong type',
      's/FileOrCreate/Directory/',
      'ContainerCreating',
      /hostPath type check failed: \/etc\/kubernetes\/scheduler.conf is not a directory/,
    ],
  ])('%s keeps a component from running, and its node says why', async (_what, sed, reason, words) => {
    await lab.sh('controlplane', `cp ${SCHEDULER} /root/; sed -i '${sed}' ${SCHEDULER}`);
    expect(await lab.eventually(() => stateOf('kube-scheduler-controlplane'), /false/)).toMatch(reason);
    expect(await lab.sh('controlplane', 'journalctl -u kubelet -o cat | tail -4')).toMatch(words);
    expect(await lab.sh('controlplane', 'crictl ps --name kube-scheduler -q')).toBe('');
    await lab.sh('controlplane', `cp /root/kube-scheduler.yaml ${SCHEDULER}`);
    expect(await lab.eventually(() => stateOf('kube-scheduler-controlplane'), /true/)).toBe('Running true');
  });

  test('a manifest that refers to a Secret is no static pod, and neither is one with a mount of no volume', async () => {
    await lab.sh(
      'node01',
      `cd /etc/kubernetes/manifests; echo '{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {containers: [{name: a, image: nginx, envFrom: [{secretRef: {name: s}}]}]}}' > a.yaml;
       echo '{apiVersion: v1, kind: Pod, metadata: {name: b}, spec: {containers: [{name: b, image: nginx, volumeMounts: [{name: v, mountPath: /v}]}]}}' > b.yaml`,
    );
    const journal = () => lab.sh('node01', 'journalctl -u kubelet -o cat | grep "Could not process"');
    const said = await lab.eventually(journal, /b\.yaml/);
    expect(said).toContain('err="static pods may not reference secrets" path="/etc/kubernetes/manifests/a.yaml"');
    expect(said).toContain(
      String.raw`err="invalid pod: [spec.containers[0].volumeMounts[0].name: Not found: \"v\"]" path="/etc/kubernetes/manifests/b.yaml"`,
    );
  });

  test('the folder is that of the kubelet’s configuration when it was started', async () => {
    await lab.sh(
      'node01',
      `mkdir -p /etc/other; echo '{apiVersion: v1, kind: Pod, metadata: {name: moved, namespace: kube-system}, spec: {containers: [{name: c, image: "nginx:1.27"}]}}' > /etc/other/moved.yaml;
       sed -i 's|^staticPodPath:.*|staticPodPath: /etc/other|' /var/lib/kubelet/config.yaml`,
    );
    expect(await stateOf('moved-node01')).toBe('absent');
    await lab.sh('node01', 'systemctl restart kubelet');
    expect(await lab.eventually(() => stateOf('moved-node01'), /true/)).toBe('Running true');
  });

  test('an API server that lets nobody in without credentials is never well by its probes', async () => {
    const manifest = '/etc/kubernetes/manifests/kube-apiserver.yaml';
    await lab.sh('controlplane', `sed -Ei 's|^( *)- kube-apiserver$|&\\n\\1- --anonymous-auth=false|' ${manifest}`);
    expect(await lab.eventually(() => stateOf('kube-apiserver-controlplane').catch(() => ''), /false/)).toBe(
      'Running false',
    );
  });
});
