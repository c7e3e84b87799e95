import { expect, test } from 'vitest';
import type { Clock } from '../../clock.ts';
import type { Component } from '../component.ts';
import { IMAGES } from '../../images/table.ts';
import { filesInMemory, type NodeFiles } from '../node/node-files.ts';
import { StaticPodRunner } from './static-pod-runner.ts';

const FILE = '/etc/kubernetes/manifests/kube-apiserver.yaml';
const manifest = (flag: string, more: object = {}, spec: object = {}) =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'kube-apiserver', namespace: 'kube-system' },
    spec: {
      containers: [
        {
          name: 'kube-apiserver',
          image: 'registry.k8s.io/kube-apiserver:v1.36.2',
          command: ['kube-apiserver', flag],
          ...more,
        },
      ],
      ...spec,
    },
  });

/** A runner over files in memory whose timers run when a test says so. */
async function node() {
  const timers: { after: number; run: () => void }[] = [];
  const clock: Clock = {
    now: () => Date.parse('2026-11-23T05:00:18Z'),
    after: (after, run) => {
      const timer = { after, run };
      timers.push(timer);
      return { [Symbol.dispose]: () => void timers.splice(0, timers.length, ...timers.filter((one) => one !== timer)) };
    },
  };
  const written = new Map<string, string>();
  let changed = () => {};
  const memory = filesInMemory([]);
  const files: NodeFiles = {
    ...memory,
    watch: (_path, callback) => {
      changed = callback;
      return Promise.resolve({ [Symbol.dispose]: () => {} });
    },
    log: {
      ...memory.log,
      append: (path, text) => {
        written.set(path, `${written.get(path) ?? ''}${text}`);
        return Promise.resolve();
      },
    },
  };
  const journal: string[] = [];
  const told: string[] = [];
  let drawn = 0;
  const started: string[] = [];
  const component: Component = {
    start(argv, log) {
      started.push(argv.join(' '));
      if (argv.includes('--bad')) return Promise.resolve('Error: unknown flag: --bad');
      log('serving');
      return Promise.resolve(undefined);
    },
    stop: () => Promise.resolve(),
  };
  const runner = new StaticPodRunner({
    node: { name: 'controlplane', address: '10.10.0.10' },
    images: IMAGES,
    fault: (error) => expect.unreachable(String(error)),
    record: (_pod, events) => told.push(...events.map(({ reason, message }) => `${reason} ${message}`)),
    files,
    clock,
    randomness: { uuid: () => '', int: (below) => (drawn = (drawn * 5 + 3) % 1009) % below },
    components: { 'kube-apiserver': component },
    journal: (line) => journal.push(line),
    changed: () => {},
  });
  const elapse = async (after: number) => {
    await new Promise(setImmediate); // what was begun sets its timers
    for (const timer of timers.filter((one) => one.after === after)) {
      timers.splice(timers.indexOf(timer), 1);
      timer.run();
    }
    await new Promise(setImmediate);
    await runner.sync();
  };
  const put = async (text: string) => {
    await files.write(FILE, text, 0o600);
    changed();
    await elapse(300);
  };
  await put(manifest('--good'));
  await runner.start();
  const shown = () => runner.containers.map(({ state, attempt, exitCode }) => `${state} ${attempt} ${exitCode}`);
  return { runner, files, told, put, elapse, journal, started, written, shown };
}

test('an edit replaces the container, and the one before stays to be looked at', async () => {
  const { put, shown, started, journal } = await node();
  await put(manifest('--other'));
  expect(started).toEqual(['--good', '--other']);
  expect(shown()).toEqual(['Running 0 0', 'Exited 0 0']);
  expect(journal.at(-2)).toContain(
    ' kubelet.go:2563] "SyncLoop REMOVE" source="file" pods=["kube-system/kube-apiserver-controlplane"]',
  );
});

test('one that does not stay up is tried again after 10 s, then 20 s', async () => {
  const { put, elapse, shown, started, written } = await node();
  await put(manifest('--bad'));
  await elapse(10_000);
  await elapse(20_000);
  expect(started).toEqual(['--good', '--bad', '--bad', '--bad']);
  expect(shown()).toEqual(['Exited 2 1', 'Exited 1 1', 'Exited 0 1']);
  const [path] = [...written.keys()].filter((name) => name.endsWith('/2.log'));
  expect(path).toMatch(
    /^\/var\/log\/pods\/kube-system_kube-apiserver-controlplane_[0-9a-f]{32}\/kube-apiserver\/2\.log$/,
  );
  expect(written.get(path ?? '')).toBe('2026-11-23T05:00:18.000Z stderr F Error: unknown flag: --bad\n');
});

test('a file that is no pod ends what ran, and is complained of once', async () => {
  const { put, runner, shown, journal } = await node();
  await put('spec: [');
  await runner.sync();
  expect(shown()).toEqual(['Exited 0 0']);
  expect(journal.filter((line) => line.includes(`"Could not process manifest file"`))).toHaveLength(1);
});

test('while the kubelet is stopped edits wait, and what runs goes on', async () => {
  const { put, runner, shown, started } = await node();
  runner.pause();
  await put(manifest('--later'));
  expect(shown()).toEqual(['Running 0 0']);
  await runner.resume();
  expect(started).toEqual(['--good', '--later']);
});

test('a relaunched program keeps its container', async () => {
  const { runner, shown, started } = await node();
  await runner.relaunch('kube-apiserver');
  expect(started).toEqual(['--good', '--good']);
  expect(shown()).toEqual(['Running 0 0']);
});

test('relaunching one that waited to be tried again leaves one try to come, not two', async () => {
  const { put, runner, elapse, started } = await node();
  await put(manifest('--bad'));
  await runner.relaunch('kube-apiserver');
  await elapse(10_000);
  expect(started).toEqual(['--good', '--bad', '--bad', '--bad']);
});

test('what was logged before there was a disk is written when there is one', async () => {
  const { written } = await node();
  expect([...written.values()].join('')).toContain('stderr F serving\n');
});

test('a failing liveness probe has the container replaced, at once the first time and then after a wait', async () => {
  const { put, elapse, shown, told, journal } = await node();
  const livenessProbe = {
    httpGet: { path: '/livez', port: 6444, scheme: 'HTTPS' },
    periodSeconds: 10,
    failureThreshold: 2,
  };
  await put(manifest('--good', { livenessProbe }));
  expect(shown()[0]).toBe('Running 0 0');
  await elapse(10_000);
  expect(told.slice(0, 3)).toEqual([
    expect.stringContaining('Unhealthy Liveness probe failed: Get "https://10.10.0.10:6444/livez": dial tcp'),
    expect.stringContaining('Unhealthy Liveness probe failed'),
    'Killing Container kube-apiserver failed liveness probe, will be restarted',
  ]);
  expect(shown().slice(0, 2)).toEqual(['Running 1 0', 'Exited 0 0']);
  await elapse(10_000);
  expect(shown()[0]).toBe('Exited 1 0');
  expect(journal.at(-1)).toContain('CrashLoopBackOff');
});

test('a volume that cannot be mounted is tried again until it can', async () => {
  const { put, elapse, shown, told, files } = await node();
  await put(
    manifest('--good', {}, { volumes: [{ name: 'policy', hostPath: { path: '/etc/policy.yaml', type: 'File' } }] }),
  );
  expect(shown()).toEqual(['Exited 0 0']);
  expect(told).toEqual([
    'FailedMount MountVolume.SetUp failed for volume "policy" : hostPath type check failed: /etc/policy.yaml is not a file',
  ]);
  await files.write('/etc/policy.yaml', '', 0o600);
  await elapse(500);
  expect(shown()[0]).toBe('Running 0 0');
});
