import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { impossible, whyNot } from '../../../hosts/host-fixture.ts';
import type { Pod } from '../../../kubernetes/model/generated/objects.ts';
import { LONG, TestCluster } from '../../../pods/test-cluster.ts';

describe.skipIf(impossible)(`an edited Corefile${whyNot}`, () => {
  let cluster: TestCluster;
  beforeAll(async () => {
    cluster = await TestCluster.start();
    await cluster.run('client', { containers: [{ name: 'c', image: 'busybox:1.36', command: ['sleep', '1000'] }] });
    await cluster.ready('client');
  }, 60_000);
  afterAll(async () => {
    await cluster[Symbol.asyncDispose]();
    if (cluster.faults.length > 0) throw new Error(cluster.faults.join('\n'));
  });

  const pods = (): readonly Pod[] => {
    const { cluster: store } = cluster.machine.plane;
    const all = store.list(store.resource('pods'), 'kube-system') as readonly Pod[];
    return all.filter(({ metadata }) => metadata.labels?.['k8s-app'] === 'kube-dns');
  };
  /** Edits the Corefile and begins with new pods, as `kubectl rollout restart` does. */
  const restartWith = async (edit: (corefile: string) => string): Promise<void> => {
    const { cluster: store } = cluster.machine.plane;
    await store.modify(store.resource('configmaps'), { namespace: 'kube-system', name: 'coredns' }, (draft) => {
      const data = draft['data'] as Record<string, string>;
      data['Corefile'] = edit(data['Corefile'] ?? '');
    });
    for (const { metadata } of pods()) await store.delete(store.resource('pods'), 'kube-system', metadata.name);
  };
  const look = (name: string): Promise<string> => cluster.exec('client', `nslookup ${name} 2>&1`);
  const address = (name: string) => () => look(name);

  it('has names of its own', async () => {
    await restartWith((corefile) =>
      corefile.replace(
        '    kubernetes cluster.local in',
        '    hosts {\n       192.0.2.7 legacy.example\n       fallthrough\n    }\n    kubernetes cluster.local lab.local in',
      ),
    );
    await expect.poll(address('legacy.example'), LONG).toContain('Address: 192.0.2.7');
    expect(await look('kubernetes.default.svc.lab.local')).toContain('Address: 10.96.0.1');
    expect(await look('kubernetes.default.svc.cluster.local')).toContain('Address: 10.96.0.1');
  });

  it('that is wrong leaves the cluster without names, and the reason in the log', async () => {
    await restartWith((corefile) => corefile.replace('    ready', '    redy'));
    const reasons = () => pods().map(({ status }) => status.containerStatuses?.[0]?.state?.waiting?.reason);
    await expect.poll(reasons, LONG).toEqual(['CrashLoopBackOff', 'CrashLoopBackOff']);
    const [pod] = pods();
    const terminated = pod?.status.containerStatuses?.[0]?.lastState?.terminated;
    expect(terminated).toMatchObject({ exitCode: 1, reason: 'Error' });
    expect(await look('kubernetes.default.svc.cluster.local')).not.toContain('10.96.0.1\n');
    await restartWith((corefile) => corefile.replace('redy', 'ready'));
    await expect.poll(address('kubernetes.default.svc.cluster.local'), LONG).toContain('Address: 10.96.0.1');
  });
});
