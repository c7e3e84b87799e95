import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { impossible, whyNot } from '../hosts/host-fixture.ts';
import type { Pod } from '../kubernetes/model/generated/objects.ts';
import { busybox, LONG, TestCluster } from './test-cluster.ts';

describe.skipIf(impossible)(`pods of a cluster${whyNot}`, () => {
  let lab: TestCluster;

  beforeAll(async () => {
    lab = await TestCluster.start();
  }, 60_000);
  afterAll(() => lab[Symbol.asyncDispose]());

  it('mount paths of their node, and follow a link no further than on that machine', async () => {
    await lab.hosts.sh('node01', 'mkdir -p /srv/data; echo seen > /srv/data/file; ln -s /etc /srv/data/link');
    const container = {
      ...busybox('sleep', '1000'),
      volumeMounts: [
        { name: 'data', mountPath: '/data' },
        { name: 'linked', mountPath: '/linked', readOnly: true },
      ],
    };
    const volumes = [
      { name: 'data', hostPath: { path: '/srv/data', type: 'Directory' } },
      { name: 'linked', hostPath: { path: '/srv/data/link' } },
    ];
    await lab.run('paths', { containers: [container], volumes });
    await lab.ready('paths');
    expect(await lab.exec('paths', 'cat /data/file /linked/hostname; echo back > /data/back')).toBe('seen\nnode01');
    expect(await lab.hosts.sh('node01', 'cat /srv/data/back')).toBe('back');
    expect(await lab.exec('paths', 'touch /linked/x')).toContain('Read-only file system');
  });

  it('wait while what has to be a folder of the node is none', async () => {
    const volumes = [{ name: 'v', hostPath: { path: '/etc/hostname', type: 'Directory' } }];
    await lab.run('nofolder', { containers: [busybox('sleep', '1000')], volumes });
    const why = 'hostPath type check failed: /etc/hostname is not a directory';
    await expect
      .poll(() => lab.events('nofolder'), LONG)
      .toContain(`FailedMount: MountVolume.SetUp failed for volume "v" : ${why}`);
  });

  it('see their node when they share its processes, network and file system', async () => {
    const container = {
      ...busybox('sleep', '1234'),
      securityContext: { privileged: true },
      volumeMounts: [{ name: 'host', mountPath: '/host' }],
    };
    const volumes = [{ name: 'host', hostPath: { path: '/' } }];
    await lab.run('escape', { hostPID: true, hostNetwork: true, containers: [container], volumes });
    await lab.ready('escape');
    expect(await lab.exec('escape', 'chroot /host cat /etc/hostname; cat /proc/1/cmdline | tr "\\0" " "')).toContain(
      'node01\n/sbin/init',
    );
    expect(await lab.hosts.sh('node01', 'ps ax | grep -c "[s]leep 1234"')).toBe('1');
    expect(await lab.exec('escape', 'ip -4 addr show eth0')).toContain('10.10.0.11');
  });

  it('have files that follow their ConfigMap, but not those of a subPath', async () => {
    await lab.apply('ConfigMap', 'settings', { data: { color: 'blue' } });
    const container = {
      ...busybox('sleep', '1000'),
      volumeMounts: [
        { name: 'v', mountPath: '/v' },
        { name: 'v', mountPath: '/fixed', subPath: 'color' },
      ],
    };
    await lab.run('fresh', { containers: [container], volumes: [{ name: 'v', configMap: { name: 'settings' } }] });
    await lab.ready('fresh');
    expect(await lab.exec('fresh', 'cat /v/color /fixed')).toBe('blueblue');
    const { cluster } = lab.machine.plane;
    const key = { namespace: 'default', name: 'settings' };
    await cluster.modify(cluster.resource('configmaps'), key, (draft) => void (draft['data'] = { color: 'red' }));
    await expect.poll(() => lab.exec('fresh', 'cat /v/color /fixed'), LONG).toBe('redblue');
  });

  it('turn unready and ready by what their readiness probe finds', async () => {
    const readinessProbe = { exec: { command: ['test', '-e', '/tmp/ready'] }, periodSeconds: 1, failureThreshold: 1 };
    await lab.run('probed', { containers: [{ ...busybox('sleep', '1000'), readinessProbe }] });
    await expect.poll(() => lab.events('probed'), LONG).toContain('Unhealthy: Readiness probe failed: ');
    await lab.exec('probed', 'touch /tmp/ready');
    await lab.ready('probed');
    await lab.exec('probed', 'rm /tmp/ready');
    await expect.poll(() => lab.state('probed')?.ready, LONG).toBe(false);
    expect(lab.state('probed')?.restartCount).toBe(0);
  });

  it('are restarted when their liveness probe fails, with the status that the kernel gives', async () => {
    const livenessProbe = {
      httpGet: { path: '/', port: 8080 },
      periodSeconds: 1,
      failureThreshold: 1,
      terminationGracePeriodSeconds: 1,
    };
    await lab.run('dead', { containers: [{ ...busybox('sh', '-c', 'while true; do sleep 1; done'), livenessProbe }] });
    await expect.poll(() => lab.state('dead')?.restartCount, LONG).toBe(1);
    expect(lab.state('dead')?.lastState?.terminated).toMatchObject({ exitCode: 137, reason: 'Error' });
    const address = lab.get('dead')?.status.podIP ?? '';
    const refused = `dial tcp ${address}:8080: connect: connection refused`;
    expect(lab.events('dead')).toContain(`Unhealthy: Liveness probe failed: Get "http://${address}:8080/": ${refused}`);
  });

  it.each([
    ['by its own trap', { command: ['sh', '-c', 'trap "exit 3" TERM; while true; do sleep 0.1; done'] }, {}, 3],
    ['killed when its time is over', { command: ['sh', '-c', 'while true; do sleep 1; done'] }, {}, 137],
    ['by the signal', { command: ['sh', '-c', 'while true; do sleep 1; done'] }, { shareProcessNamespace: true }, 143],
  ])('end %s', async (_, { command }, spec, exitCode) => {
    const name = `ends-${exitCode}`;
    const hook = { exec: { command: ['sh', '-c', 'echo going > /proc/1/fd/1'] } };
    const container = { ...busybox(...command), lifecycle: { preStop: hook } };
    const more = { terminationGracePeriodSeconds: 3, ...spec };
    await lab.run(name, { containers: [container], ...more }, { finalizers: ['test.example/wait'] });
    await lab.ready(name);
    await lab.exec(name, 'true'); // it runs, and not only begins to
    const { cluster } = lab.machine.plane;
    const pods = cluster.resource('pods');
    await cluster.delete(pods, 'default', name, { gracePeriodSeconds: 2 });
    await expect.poll(() => lab.state(name)?.state?.terminated?.exitCode, LONG).toBe(exitCode);
    expect(lab.events(name)).toContain('Killing: Stopping container c');
    await cluster.modify(pods, { namespace: 'default', name }, (draft) => void (draft.metadata.finalizers = []));
  });

  it('are killed for memory beyond their limit', async () => {
    const container = { ...busybox('tail', '/dev/zero'), resources: { limits: { memory: '16Mi' } } };
    await lab.run('hungry', { restartPolicy: 'Never', containers: [container] });
    await expect
      .poll(() => lab.state('hungry')?.state?.terminated, LONG)
      .toMatchObject({ exitCode: 137, reason: 'OOMKilled' });
  });

  it('share the processes of a pod, and of the target of a debugging container', async () => {
    const spec = { shareProcessNamespace: true, containers: [busybox('sleep', '1000')] };
    await lab.run('sharing', spec);
    await lab.ready('sharing');
    expect(await lab.exec('sharing', 'cat /proc/1/cmdline | tr "\\0" " "')).toBe('/pause');
    await lab.run('target', { containers: [busybox('sleep', '1234')] });
    await lab.ready('target');
    const { cluster } = lab.machine.plane;
    const debugging = { ...busybox('sleep', '5678'), name: 'debugger', targetContainerName: 'c' };
    const key = { namespace: 'default', name: 'target' };
    await cluster.modify(
      cluster.resource('pods'),
      key,
      (draft) => void ((draft as Pod).spec.ephemeralContainers = [debugging] as never),
      { subresource: 'ephemeralcontainers' },
    );
    await expect
      .poll(() => lab.get('target')?.status.ephemeralContainerStatuses?.[0]?.state?.running, LONG)
      .toBeDefined();
    expect(await lab.exec('target', 'cat /proc/1/cmdline | tr "\\0" " "', 'debugger')).toBe('sleep 1234');
  });

  it('do not start with a seccomp profile that their node does not have', async () => {
    const securityContext = { seccompProfile: { type: 'Localhost', localhostProfile: 'profiles/audit.json' } };
    await lab.run('profiled', { securityContext, containers: [busybox('sleep', '1000')] });
    const path = '/var/lib/kubelet/seccomp/profiles/audit.json';
    const why = `cannot load seccomp profile "${path}": open ${path}: no such file or directory`;
    await expect
      .poll(() => lab.state('profiled')?.state?.waiting, LONG)
      .toEqual({ reason: 'CreateContainerError', message: `failed to create containerd container: ${why}` });
  });
});
