import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { realClock } from '../clock.ts';
import { ControlPlaneMachine } from '../control-plane-machine.ts';
import { impossible, startTestLab, type TestLab, whyNot } from '../hosts/host-fixture.ts';
import { CLUSTER_PLAN } from '../kubernetes/bootstrap/cluster-plan.ts';
import type { ContainerStatus, Event, Pod } from '../kubernetes/model/generated/objects.ts';
import { createPki } from '../kubernetes/pki/pki.ts';
import { realRandomness } from '../kubernetes/randomness.ts';
import { clusterFiles } from '../lab-files.ts';
import { ClusterTemplates } from '../template.ts';
import { SupervisedSandboxes } from './supervised-sandboxes.ts';

const LONG = { timeout: 15_000, interval: 50 };
const busybox = (...command: string[]): object => ({ name: 'c', image: 'busybox:1.36', command });

describe.skipIf(impossible)(`pods of a cluster${whyNot}`, () => {
  let hosts: TestLab;
  let machine: ControlPlaneMachine;
  const faults: string[] = [];

  beforeAll(async () => {
    hosts = await startTestLab(['node01']);
    const common = { clock: realClock, randomness: realRandomness, log: (line: string) => void faults.push(line) };
    const pki = createPki({
      now: Date.now(),
      controlPlane: { name: 'controlplane', addresses: ['127.0.0.1'] },
      server: CLUSTER_PLAN.endpoint,
      serviceAddress: '10.96.0.1',
    });
    const sandboxes = new SupervisedSandboxes(hosts.set.supervisor);
    const nodes = CLUSTER_PLAN.nodes.map(({ name }) => name);
    machine = new ControlPlaneMachine({
      ...common,
      pki,
      apiPort: 0,
      nodes,
      withHosts: false,
      sandboxes: () => Promise.resolve(sandboxes),
    });
    const snapshot = await new ClusterTemplates({ ...common, plan: CLUSTER_PLAN }).of({
      hosts: [],
      manifests: [],
      files: [],
    });
    await machine.start(
      snapshot,
      clusterFiles(pki).filter(({ host }) => host === 'controlplane'),
    );
  }, 60_000);
  afterAll(async () => {
    await machine.stop();
    await hosts[Symbol.asyncDispose]();
  });

  const apply = async (kind: string, name: string, fields: object, metadata: object = {}): Promise<void> => {
    const { cluster } = machine.plane;
    const resource = cluster.resourceOfKind('v1', kind);
    if (resource === undefined) throw new Error(kind);
    const object = { apiVersion: 'v1', kind, metadata: { name, namespace: 'default', ...metadata }, ...fields };
    await cluster.create(resource, object);
  };
  const run = (name: string, spec: object, metadata: object = {}): Promise<void> =>
    apply('Pod', name, { spec: { nodeName: 'node01', ...spec } }, metadata);
  const get = (name: string): Pod | undefined =>
    machine.plane.cluster.get(machine.plane.cluster.resource('pods'), 'default', name) as Pod | undefined;
  const state = (name: string): ContainerStatus | undefined => get(name)?.status?.containerStatuses?.[0];
  const ready = (name: string) => expect.poll(() => state(name)?.ready, LONG).toBe(true);
  const exec = async (name: string, line: string, container = 'c'): Promise<string> => {
    const pod = get(name);
    if (pod === undefined) throw new Error(`no pod ${name}`);
    const said = await machine.runInPod(pod, container, ['sh', '-c', line], AbortSignal.timeout(10_000));
    return said.trim();
  };
  const events = (name: string): string[] =>
    (machine.plane.cluster.list(machine.plane.cluster.resource('events'), 'default') as readonly Event[])
      .filter(({ involvedObject }) => involvedObject.name === name)
      .map(({ reason, message }) => `${reason}: ${message}`);

  it('mount paths of their node, and follow a link no further than on that machine', async () => {
    await hosts.sh('node01', 'mkdir -p /srv/data; echo seen > /srv/data/file; ln -s /etc /srv/data/link');
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
    await run('paths', { containers: [container], volumes });
    await ready('paths');
    expect(await exec('paths', 'cat /data/file /linked/hostname; echo back > /data/back')).toBe('seen\nnode01');
    expect(await hosts.sh('node01', 'cat /srv/data/back')).toBe('back');
    expect(await exec('paths', 'touch /linked/x')).toContain('Read-only file system');
  });

  it('wait while what has to be a folder of the node is none', async () => {
    const volumes = [{ name: 'v', hostPath: { path: '/etc/hostname', type: 'Directory' } }];
    await run('nofolder', { containers: [busybox('sleep', '1000')], volumes });
    const why = 'hostPath type check failed: /etc/hostname is not a directory';
    await expect
      .poll(() => events('nofolder'), LONG)
      .toContain(`FailedMount: MountVolume.SetUp failed for volume "v" : ${why}`);
  });

  it('see their node when they share its processes, network and file system', async () => {
    const container = {
      ...busybox('sleep', '1000'),
      securityContext: { privileged: true },
      volumeMounts: [{ name: 'host', mountPath: '/host' }],
    };
    const volumes = [{ name: 'host', hostPath: { path: '/' } }];
    await run('escape', { hostPID: true, hostNetwork: true, containers: [container], volumes });
    await ready('escape');
    expect(await exec('escape', 'chroot /host cat /etc/hostname; cat /proc/1/cmdline | tr "\\0" " "')).toContain(
      'node01\n/sbin/init',
    );
    expect(await hosts.sh('node01', 'ps ax | grep -c "[s]leep 1000"')).toBe('1');
    expect(await exec('escape', 'ip -4 addr show eth0')).toContain('10.10.0.11');
  });

  it('have files that follow their ConfigMap, but not those of a subPath', async () => {
    await apply('ConfigMap', 'settings', { data: { color: 'blue' } });
    const container = {
      ...busybox('sleep', '1000'),
      volumeMounts: [
        { name: 'v', mountPath: '/v' },
        { name: 'v', mountPath: '/fixed', subPath: 'color' },
      ],
    };
    await run('fresh', { containers: [container], volumes: [{ name: 'v', configMap: { name: 'settings' } }] });
    await ready('fresh');
    expect(await exec('fresh', 'cat /v/color /fixed')).toBe('blueblue');
    const { cluster } = machine.plane;
    const key = { namespace: 'default', name: 'settings' };
    await cluster.modify(cluster.resource('configmaps'), key, (draft) => void (draft['data'] = { color: 'red' }));
    await expect.poll(() => exec('fresh', 'cat /v/color /fixed'), LONG).toBe('redblue');
  });

  it('turn unready and ready by what their readiness probe finds', async () => {
    const readinessProbe = { exec: { command: ['test', '-e', '/tmp/ready'] }, periodSeconds: 1, failureThreshold: 1 };
    await run('probed', { containers: [{ ...busybox('sleep', '1000'), readinessProbe }] });
    await expect.poll(() => events('probed'), LONG).toContain('Unhealthy: Readiness probe failed: ');
    await exec('probed', 'touch /tmp/ready');
    await ready('probed');
    await exec('probed', 'rm /tmp/ready');
    await expect.poll(() => state('probed')?.ready, LONG).toBe(false);
    expect(state('probed')?.restartCount).toBe(0);
  });

  it('are restarted when their liveness probe fails, with the status that the kernel gives', async () => {
    const livenessProbe = {
      httpGet: { path: '/', port: 8080 },
      periodSeconds: 1,
      failureThreshold: 1,
      terminationGracePeriodSeconds: 1,
    };
    await run('dead', { containers: [{ ...busybox('sh', '-c', 'while true; do sleep 1; done'), livenessProbe }] });
    await expect.poll(() => state('dead')?.restartCount, LONG).toBe(1);
    expect(state('dead')?.lastState?.terminated).toMatchObject({ exitCode: 137, reason: 'Error' });
    const address = get('dead')?.status.podIP ?? '';
    const refused = `dial tcp ${address}:8080: connect: connection refused`;
    expect(events('dead')).toContain(`Unhealthy: Liveness probe failed: Get "http://${address}:8080/": ${refused}`);
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
    await run(name, { containers: [container], ...more }, { finalizers: ['test.example/wait'] });
    await ready(name);
    await exec(name, 'true'); // it runs, and not only begins to
    const { cluster } = machine.plane;
    const pods = cluster.resource('pods');
    await cluster.delete(pods, 'default', name, { gracePeriodSeconds: 2 });
    await expect.poll(() => state(name)?.state?.terminated?.exitCode, LONG).toBe(exitCode);
    expect(events(name)).toContain('Killing: Stopping container c');
    await cluster.modify(pods, { namespace: 'default', name }, (draft) => void (draft.metadata.finalizers = []));
  });

  it('are killed for memory beyond their limit', async () => {
    const container = { ...busybox('tail', '/dev/zero'), resources: { limits: { memory: '16Mi' } } };
    await run('hungry', { restartPolicy: 'Never', containers: [container] });
    await expect
      .poll(() => state('hungry')?.state?.terminated, LONG)
      .toMatchObject({ exitCode: 137, reason: 'OOMKilled' });
  });

  it('share the processes of a pod, and of the target of a debugging container', async () => {
    const spec = { shareProcessNamespace: true, containers: [busybox('sleep', '1000')] };
    await run('sharing', spec);
    await ready('sharing');
    expect(await exec('sharing', 'cat /proc/1/cmdline | tr "\\0" " "')).toBe('/pause');
    await run('target', { containers: [busybox('sleep', '1234')] });
    await ready('target');
    const { cluster } = machine.plane;
    const debugging = { ...busybox('sleep', '5678'), name: 'debugger', targetContainerName: 'c' };
    const key = { namespace: 'default', name: 'target' };
    await cluster.modify(
      cluster.resource('pods'),
      key,
      (draft) => void ((draft as Pod).spec.ephemeralContainers = [debugging] as never),
      { subresource: 'ephemeralcontainers' },
    );
    await expect.poll(() => get('target')?.status.ephemeralContainerStatuses?.[0]?.state?.running, LONG).toBeDefined();
    expect(await exec('target', 'cat /proc/1/cmdline | tr "\\0" " "', 'debugger')).toBe('sleep 1234');
  });

  it('do not start with a seccomp profile that their node does not have', async () => {
    const securityContext = { seccompProfile: { type: 'Localhost', localhostProfile: 'profiles/audit.json' } };
    await run('profiled', { securityContext, containers: [busybox('sleep', '1000')] });
    const path = '/var/lib/kubelet/seccomp/profiles/audit.json';
    const why = `cannot load seccomp profile "${path}": open ${path}: no such file or directory`;
    await expect
      .poll(() => state('profiled')?.state?.waiting, LONG)
      .toEqual({ reason: 'CreateContainerError', message: `failed to create containerd container: ${why}` });
  });
});
