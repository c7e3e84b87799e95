import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Clock } from '../clock.ts';
import { FolderHost } from '../folder-host.ts';
import type { Launch } from '../systemd/unit.ts';
import { followStaticPod } from './static-pod.ts';

let resources: AsyncDisposableStack;
beforeEach(() => {
  resources = new AsyncDisposableStack();
});
afterEach(() => resources.disposeAsync());

const PATH = '/etc/kubernetes/manifests/etcd.yaml';
const manifest = (...flags: string[]) =>
  JSON.stringify({
    kind: 'Pod',
    metadata: { name: 'etcd' },
    spec: { containers: [{ name: 'etcd', command: ['etcd', ...flags] }] },
  });

async function follow(text: string) {
  const host = resources.use(await FolderHost.create('controlplane', { [PATH]: text }));
  const timers: (() => void)[] = [];
  const clock: Clock = {
    now: () => new Date(0),
    after: (_, callback) => {
      timers.push(callback);
      return { [Symbol.dispose]: () => {} };
    },
  };
  const calls: string[] = [];
  const unit = {
    start: async ({ argv }: Launch) => {
      calls.push(argv.join(' '));
      return argv.includes('--bad') ? { status: 2, lines: ['flag provided but not defined: -bad'] } : undefined;
    },
    stop: async () => void calls.push('stop'),
  };
  const pod = resources.use(await followStaticPod({ host, manifest: PATH, unit, clock }));
  return { host, pod, calls, timers };
}

test('an edit of the manifest restarts it with the new command, and the same text does not', async () => {
  const { host, pod, calls } = await follow(manifest('--a'));
  await host.write(PATH, manifest('--b'));
  await pod.settled();
  await host.write(PATH, manifest('--b'));
  await pod.settled();
  expect(calls).toEqual(['etcd --a', 'stop', 'etcd --b']);
  expect(pod.state).toMatchObject({ status: 'running', attempt: 1 });
});

test('a command that fails leaves its words in the log and is tried again', async () => {
  const { pod, calls, timers } = await follow(manifest('--bad'));
  expect(pod.state).toMatchObject({ status: 'exited', exitCode: 2, log: ['flag provided but not defined: -bad'] });
  timers[0]?.();
  await pod.settled();
  expect(calls).toEqual(['etcd --bad', 'etcd --bad']);
});

test('a manifest that is no pod, or is gone, ends it', async () => {
  const { host, pod, calls } = await follow(manifest());
  await host.write(PATH, 'kind: [');
  await pod.settled();
  expect(pod.state).toMatchObject({
    status: 'absent',
    complaint: expect.stringContaining('Could not process manifest file'),
  });
  await host.removeFile(PATH);
  await pod.settled();
  expect(pod.state).toMatchObject({ status: 'absent', complaint: undefined });
  expect(calls).toEqual(['etcd', 'stop']);
});
