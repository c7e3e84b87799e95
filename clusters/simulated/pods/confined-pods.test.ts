import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { impossible, whyNot } from '../hosts/host-fixture.ts';
import { load } from '../tools/apparmor/loaded-profiles.ts';
import { LONG, TestCluster } from './test-cluster.ts';

describe.skipIf(impossible)(`a pod that its node holds to something${whyNot}`, () => {
  let cluster: TestCluster;
  beforeAll(async () => {
    cluster = await TestCluster.start();
    const { plane, runtimes } = cluster.machine;
    runtimes.configure(
      'node01',
      new Map([
        ['runc', 'io.containerd.runc.v2'],
        ['runsc', 'io.containerd.runsc.v1'],
        ['kata', 'io.containerd.kata.v2'],
      ]),
    );
    for (const [name, handler] of Object.entries({ gvisor: 'runsc', unknown: 'crun', kata: 'kata' }))
      await plane.cluster.create(plane.cluster.resource('runtimeclasses', 'node.k8s.io'), {
        apiVersion: 'node.k8s.io/v1',
        kind: 'RuntimeClass',
        metadata: { name },
        handler,
      });
  });
  afterAll(() => cluster[Symbol.asyncDispose]());
  const containers = [{ name: 'c', image: 'busybox:1.36', command: ['sleep', '1000'] }];

  it('runs under gVisor’s kernel where its RuntimeClass says so', async () => {
    await cluster.run('gvisor', { containers, runtimeClassName: 'gvisor' });
    await cluster.ready('gvisor');
    expect(await cluster.exec('gvisor', 'dmesg | head -1; uname -r')).toBe(
      '[    0.000000] Starting gVisor...\n4.19.0-gvisor',
    );
  });

  it.each([
    [
      'unknown',
      /^FailedCreatePodSandBox: Failed to create pod sandbox: rpc error: code = Unknown desc = unable to get OCI runtime for sandbox "[0-9a-f]{64}": no runtime for "crun" is configured$/,
    ],
    [
      'kata',
      /^FailedCreatePodSandBox: Failed to create pod sandbox: not simulated: the runtime io\.containerd\.kata\.v2$/,
    ],
  ])('has no sandbox where its node lacks the runtime: %s', async (name, said) => {
    await cluster.run(name, { containers, runtimeClassName: name });
    await expect.poll(() => cluster.events(name), LONG).toContainEqual(expect.stringMatching(said));
    expect(cluster.get(name)?.status.phase).toBe('Pending');
    expect(cluster.get(name)?.status.podIP).toBeUndefined();
  });

  it('fails with nginx’s own words under a profile that lets it write nowhere', async () => {
    await load(cluster.hosts.on('node01'), {
      name: 'very-secure',
      mode: 'enforce',
      deniesWriting: true,
      files: [
        { kind: '', access: 15, pattern: '/(?:.*|)' },
        { kind: 'd', access: 2, pattern: '/[^/].*' },
      ],
      capabilities: [],
      sockets: [],
      notEnforced: [],
    });
    const appArmorProfile = { type: 'Localhost', localhostProfile: 'very-secure' };
    const nginx = { name: 'c', image: 'nginx:1.27' };
    await cluster.run('web', { containers: [nginx], securityContext: { appArmorProfile } });
    const log = async (): Promise<string> => {
      const web = cluster.get('web');
      return web === undefined ? '' : cluster.machine.inPods.log(web, 'c');
    };
    // Of the run that failed or of the next one, which fails no other way.
    await expect.poll(log, LONG).toContain('mkdir() "/var/cache/nginx/client_temp" failed (13: Permission denied)');
    await expect.poll(() => cluster.state('web')?.lastState?.terminated?.exitCode, LONG).toBe(1);
  });
});
