import { expect, test } from 'vitest';
import { startTestCluster, type TestCluster } from '../controllers/test-cluster.ts';
import { command, pod } from '../controllers/test-manifests.ts';
import type { ContainerStatus, Pod } from '../model/generated/objects.ts';

const status = (lab: TestCluster, name = 'p'): Pod['status'] | undefined => lab.get<Pod>('v1 Pod', name)?.status;
const container = (lab: TestCluster): ContainerStatus | undefined => status(lab)?.containerStatuses?.[0];
const web = (more: object): object => pod('p', { containers: [{ name: 'c', image: 'nginx', ...more }] });
const closed = { httpGet: { path: '/x', port: 81 }, periodSeconds: 5, failureThreshold: 2 };

test('a failed liveness probe ends the container, which is restarted', async () => {
  await using lab = await startTestCluster();
  await lab.apply(web({ livenessProbe: closed }));
  expect(container(lab)?.restartCount).toBe(0);
  await lab.advance(6);
  expect(container(lab)?.restartCount).toBe(1);
  expect(container(lab)?.lastState?.terminated).toMatchObject({ exitCode: 0, reason: 'Completed' });
  const address = status(lab)?.podIP ?? '';
  const refused = `Get "http://${address}:81/x": dial tcp ${address}:81: connect: connection refused`;
  expect(lab.events('p')).toContain(`Unhealthy: Liveness probe failed: ${refused}`);
  expect(lab.events('p')).toContain('Killing: Container c failed liveness probe, will be restarted');
  await lab.advance(60);
  expect(container(lab)?.state?.waiting?.reason).toBe('CrashLoopBackOff');
});

test('nothing but the startup probe counts until it succeeds', async () => {
  await using lab = await startTestCluster();
  const startupProbe = { tcpSocket: { port: 80 }, initialDelaySeconds: 7 };
  await lab.apply(web({ startupProbe, readinessProbe: { tcpSocket: { port: 80 } } }));
  expect([container(lab)?.started, container(lab)?.ready]).toEqual([false, false]);
  await lab.advance(7);
  expect([container(lab)?.started, container(lab)?.ready]).toEqual([true, true]);
});

test('a failed startup probe ends the container in the time that the probe gives it', async () => {
  await using lab = await startTestCluster();
  await lab.apply(web({ startupProbe: { ...closed, failureThreshold: 1 } }));
  expect(lab.events('p')).toContain('Killing: Container c failed startup probe, will be restarted');
  expect(container(lab)?.restartCount).toBe(1);
});

test('a preStop hook holds a deleted pod until it is done', async () => {
  await using lab = await startTestCluster();
  await lab.apply(web({ lifecycle: { preStop: { sleep: { seconds: 8 } } } }));
  await lab.remove('v1 Pod', 'p');
  expect(lab.events('p')).toContain('Killing: Stopping container c');
  await lab.advance(7);
  expect(lab.get<Pod>('v1 Pod', 'p')?.metadata.deletionTimestamp).toBeDefined();
  await lab.advance(2);
  await expect.poll(() => lab.get<Pod>('v1 Pod', 'p')).toBeUndefined(); // a hook ends in its own time
});

test('a pod past its active deadline fails with what ran of it ended', async () => {
  await using lab = await startTestCluster();
  await lab.apply(pod('p', { activeDeadlineSeconds: 20, containers: [command('sleep', '600')] }));
  await lab.advance(19);
  expect(status(lab)?.phase).toBe('Running');
  await lab.advance(2);
  expect(status(lab)).toMatchObject({ phase: 'Failed', reason: 'DeadlineExceeded' });
  expect(container(lab)?.state?.terminated?.exitCode).toBe(137);
  await lab.advance(60);
  expect(container(lab)?.restartCount).toBe(0);
});

test('a sidecar ends once the pod has done its work', async () => {
  await using lab = await startTestCluster();
  const side = { name: 'side', image: 'nginx', restartPolicy: 'Always' };
  await lab.apply(pod('p', { restartPolicy: 'Never', initContainers: [side], containers: [command('sleep', '5')] }));
  expect(status(lab)?.phase).toBe('Running');
  await lab.advance(6);
  expect(status(lab)?.phase).toBe('Succeeded');
  expect(status(lab)?.initContainerStatuses?.[0]?.state?.terminated?.exitCode).toBe(0);
});

test.each([
  ['configMap', { configMap: { name: 'late' } }, 'configmap "late" not found'],
  ['secret', { secret: { secretName: 'late' } }, 'secret "late" not found'],
  [
    'projected',
    { projected: { sources: [{ configMap: { name: 'a' } }, { secret: { name: 'b' } }] } },
    '[configmap "a" not found, secret "b" not found]',
  ],
])('a pod whose %s volume cannot be filled does not start', async (_, source, why) => {
  await using lab = await startTestCluster();
  await lab.apply(pod('p', { containers: [command('sleep', '600')], volumes: [{ name: 'v', ...source }] }));
  expect(container(lab)?.state?.waiting?.reason).toBe('ContainerCreating');
  expect(status(lab)?.podIP).toBeUndefined();
  expect(lab.events('p')).toContain(`FailedMount: MountVolume.SetUp failed for volume "v" : ${why}`);
});

test('a pod starts when what its volume is made from appears, and says which key is missing', async () => {
  await using lab = await startTestCluster();
  const volumes = [{ name: 'v', configMap: { name: 'late', items: [{ key: 'k', path: 'k' }] } }];
  await lab.apply(pod('p', { containers: [command('sleep', '600')], volumes }));
  const late = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'late' } };
  await lab.apply({ ...late, data: {} });
  await lab.advance(1);
  const why = 'references non-existent config key: k';
  expect(lab.events('p')).toContain(`FailedMount: MountVolume.SetUp failed for volume "v" : ${why}`);
  await lab.edit('v1 ConfigMap', 'late', (draft) => void (draft['data'] = { k: 'v' }));
  await lab.advance(2);
  expect(container(lab)?.ready).toBe(true);
});

test('a pod that sets a sysctl its node does not allow is rejected', async () => {
  await using lab = await startTestCluster();
  const securityContext = { sysctls: [{ name: 'kernel.msgmax', value: '65536' }] };
  await lab.apply(pod('p', { securityContext, containers: [command('sleep', '600')] }));
  expect(status(lab)).toMatchObject({
    phase: 'Failed',
    reason: 'SysctlForbidden',
    message: 'Pod was rejected: forbidden sysctl: "kernel.msgmax" not allowlisted',
  });
});
