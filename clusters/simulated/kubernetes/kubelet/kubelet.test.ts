import { expect, test } from 'vitest';
import { startTestCluster, type TestCluster } from '../controllers/test-cluster.ts';
import { command, job, pod } from '../controllers/test-manifests.ts';
import type { ContainerStatus, Job, Pod } from '../model/generated/objects.ts';

const status = (lab: TestCluster, name = 'p'): Pod['status'] | undefined => lab.get<Pod>('v1 Pod', name)?.status;
const container = (lab: TestCluster): ContainerStatus | undefined => status(lab)?.containerStatuses?.[0];

test('a container that keeps failing restarts at once, then after 10 s, 20 s, 40 s', async () => {
  await using lab = await startTestCluster();
  await lab.apply(pod('p', { containers: [command('false')] }));
  const restarts: number[] = [];
  for (const seconds of [1, 9, 20, 40]) {
    await lab.advance(seconds);
    restarts.push(container(lab)?.restartCount ?? 0);
  }
  expect(restarts).toEqual([1, 2, 3, 4]);
  expect(container(lab)?.state?.waiting?.reason).toBe('CrashLoopBackOff');
  expect(container(lab)?.state?.waiting?.message).toMatch(
    /^back-off 1m20s restarting failed container=c pod=p_default\(/,
  );
  expect(status(lab)?.phase).toBe('Running');
  expect(lab.events('p').join('\n')).toContain('BackOff: Back-off restarting failed container c in pod p_default(');
});

test.each([
  ['Never', 'false', 'Failed', 0],
  ['Never', 'true', 'Succeeded', 0],
  ['OnFailure', 'true', 'Succeeded', 0],
  ['OnFailure', 'false', 'Running', 1],
  ['Always', 'true', 'Running', 1],
] as const)(
  'restartPolicy %s and a command that is %s: %s, %i restarts',
  async (restartPolicy, argv, phase, restarts) => {
    await using lab = await startTestCluster();
    await lab.apply(pod('p', { restartPolicy, containers: [command(argv)] }));
    await lab.advance(1);
    expect([status(lab)?.phase, container(lab)?.restartCount]).toEqual([phase, restarts]);
  },
);

test('init containers run one after another, a sidecar goes on beside the rest', async () => {
  await using lab = await startTestCluster();
  const init = [
    { name: 'first', image: 'busybox:1.36', command: ['sleep', '5'] },
    { name: 'side', image: 'busybox:1.36', command: ['sleep', '3600'], restartPolicy: 'Always' },
  ];
  await lab.apply(pod('p', { initContainers: init }));
  expect(container(lab)?.state?.waiting?.reason).toBe('PodInitializing');
  expect(status(lab)?.phase).toBe('Pending');
  await lab.advance(6);
  expect(status(lab)?.initContainerStatuses?.map(({ state }) => Object.keys(state ?? {})[0])).toEqual([
    'terminated',
    'running',
  ]);
  expect(status(lab)?.conditions?.find(({ type }) => type === 'Ready')?.status).toBe('True');
});

test('an image that cannot be pulled is tried again after a growing wait', async () => {
  await using lab = await startTestCluster();
  await lab.apply(pod('p', { containers: [{ name: 'c', image: 'nobody/nothing' }] }));
  expect(container(lab)?.state?.waiting?.reason).toBe('ErrImagePull');
  await lab.advance(3);
  expect(container(lab)?.state?.waiting?.reason).toBe('ImagePullBackOff');
  const pulls = (): number =>
    lab
      .list('v1 Event')
      .filter((event) => event['reason'] === 'Pulling')
      .reduce((sum, event) => sum + Number(event['count']), 0);
  expect(pulls()).toBe(1);
  await lab.advance(8);
  expect(pulls()).toBe(2);
  await lab.advance(18);
  expect(pulls()).toBe(2);
});

test.each([
  ['InvalidImageName', { image: 'UPPER:x' }],
  ['ErrImageNeverPull', { image: 'nobody/nothing', imagePullPolicy: 'Never' }],
  ['CreateContainerConfigError', { image: 'nginx', envFrom: [{ secretRef: { name: 'absent' } }] }],
  ['CreateContainerConfigError', { image: 'nginx', securityContext: { runAsNonRoot: true } }],
])('a container waits with %s for %j', async (reason, spec) => {
  await using lab = await startTestCluster();
  await lab.apply(pod('p', { containers: [{ name: 'c', ...spec }] }));
  expect(container(lab)?.state?.waiting?.reason).toBe(reason);
});

test.each([
  [
    'may not run as root, and is brought its image all the same,',
    { image: 'nginx', securityContext: { runAsNonRoot: true } },
    ['Normal Pulling', 'Normal Pulled', 'Warning Failed'],
    /^Error: container has runAsNonRoot and image will run as root/,
  ],
  [
    'has an image whose name cannot be read',
    { image: 'UPPER:x' },
    ['Warning InspectFailed', 'Warning Failed'],
    /^Error: InvalidImageName$/,
  ],
  [
    'may not pull an image that is not there',
    { image: 'nobody/nothing', imagePullPolicy: 'Never' },
    ['Warning ErrImageNeverPull', 'Warning Failed'],
    /^Error: ErrImageNeverPull$/,
  ],
])('a container that %s is tried again every ten seconds', async (_what, spec, told, error) => {
  await using lab = await startTestCluster();
  await lab.apply(pod('p', { containers: [{ name: 'c', ...spec }] }));
  const events = () => lab.list('v1 Event').filter((event) => JSON.stringify(event['source']).includes('kubelet'));
  expect(events().map(({ type, reason }) => `${String(type)} ${String(reason)}`)).toEqual(told);
  await lab.advance(9);
  expect(events().map(({ count }) => count)).toEqual(told.map(() => 1));
  await lab.advance(2);
  expect(events().map(({ count }) => count)).toEqual(told.map(() => 2));
  expect(events().at(-1)?.['message']).toMatch(error);
});

test('a pod starts when the configuration that it waits for appears', async () => {
  await using lab = await startTestCluster();
  await lab.apply(
    pod('p', { containers: [{ name: 'c', image: 'nginx', envFrom: [{ configMapRef: { name: 'late' } }] }] }),
  );
  expect(container(lab)?.state?.waiting?.message).toBe('configmap "late" not found');
  await lab.apply({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'late' }, data: {} });
  expect(container(lab)?.ready).toBe(true);
});

test('a program that is not in the image is a StartError', async () => {
  await using lab = await startTestCluster();
  await lab.apply(pod('p', { restartPolicy: 'Never', containers: [command('/no/such/command')] }));
  expect(container(lab)?.state?.terminated).toMatchObject({ exitCode: 128, reason: 'StartError' });
  expect(status(lab)?.phase).toBe('Failed');
});

test('a pod that is not ready becomes so when its port answers', async () => {
  await using lab = await startTestCluster();
  const readinessProbe = { httpGet: { path: '/', port: 80 }, initialDelaySeconds: 10 };
  await lab.apply(pod('p', { containers: [{ name: 'c', image: 'nginx', readinessProbe }] }));
  expect(container(lab)?.ready).toBe(false);
  await lab.advance(11);
  expect(container(lab)?.ready).toBe(true);
});

test('a deleted pod that a Job still has to count tells how it ended before it goes', async () => {
  await using lab = await startTestCluster();
  await lab.apply(job('j', ['sleep', '600']));
  await lab.remove('v1 Pod', lab.pods()[0]?.metadata.name ?? '');
  expect(lab.get<Job>('batch/v1 Job', 'j')?.status.failed).toBe(1);
  expect(lab.pods().map(({ metadata }) => metadata.deletionTimestamp)).toEqual([undefined]);
});
