import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { impossible, whyNot } from './hosts/host-fixture.ts';
import type { ConfigMap, Pod } from './kubernetes/model/generated/objects.ts';
import { type LabOnHosts, labOnHosts } from './lab-on-hosts.ts';

const CONFIG_MAP = '/api/v1/namespaces/kube-system/configmaps/kube-proxy';

describe.skipIf(impossible)(`the kube-proxy of a lab's nodes${whyNot}`, () => {
  let lab: LabOnHosts;
  beforeAll(async () => void (lab = await labOnHosts(['controlplane', 'node01'])), 60_000);
  afterAll(() => lab?.[Symbol.asyncDispose]());

  const pods = async (): Promise<readonly Pod[]> => {
    const found = await lab.get<{ items: readonly Pod[] }>(
      '/api/v1/namespaces/kube-system/pods?labelSelector=k8s-app=kube-proxy',
    );
    return found?.items ?? [];
  };
  const states = async (): Promise<string> =>
    (await pods())
      .map(({ status }) => status.containerStatuses?.[0]?.state?.waiting?.reason ?? status.phase ?? '')
      .sort()
      .join(' ');
  async function setMode(mode: string): Promise<void> {
    const before = await lab.get<ConfigMap>(CONFIG_MAP);
    const text = before?.data?.['config.conf']?.replace(/^mode: .*$/m, `mode: ${mode}`) ?? '';
    const patched = await lab.ask({
      method: 'PATCH',
      path: CONFIG_MAP,
      body: { data: { 'config.conf': text } },
      contentType: 'application/merge-patch+json',
    });
    expect(patched.status).toBe(200);
    for (const { metadata } of await pods())
      await lab.ask({ method: 'DELETE', path: `/api/v1/namespaces/kube-system/pods/${metadata.name}` });
  }

  test('reads its ConfigMap when it starts: one that is no good keeps it down, and it says why', async () => {
    await setMode('ebpf');
    expect(await lab.eventually(states, /^CrashLoopBackOff CrashLoopBackOff$/)).toBe(
      'CrashLoopBackOff CrashLoopBackOff',
    );
    expect(await lab.sh('controlplane', 'crictl logs $(crictl ps -a --name kube-proxy -q | head -1) 2>&1')).toContain(
      String.raw`"command failed" err="failed validate: KubeProxyConfiguration.Mode: Invalid value: \"ebpf\"`,
    );
    await setMode('""');
    expect(await lab.eventually(states, /^Running Running$/)).toBe('Running Running');
  });
});
