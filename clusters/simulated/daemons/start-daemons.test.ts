import { afterEach, beforeEach, expect, test } from 'vitest';
import { wallClock } from './clock.ts';
import { FolderHost } from './folder-host.ts';
import { makeSshHostKey } from './sshd/host-key.ts';
import { startDaemons } from './start-daemons.ts';
import { makeTestPki } from './test-pki.ts';

let resources: AsyncDisposableStack;
beforeEach(() => {
  resources = new AsyncDisposableStack();
});
afterEach(() => resources.disposeAsync());

const hostKey = makeSshHostKey();

test('boots a node with everything on it, and leaves nothing listening when it is disposed of', async () => {
  const pki = await makeTestPki(resources);
  const host = resources.use(
    await FolderHost.create('node01', {
      '/etc/kubernetes/manifests/etcd.yaml': JSON.stringify({
        kind: 'Pod',
        metadata: { name: 'etcd' },
        spec: { containers: [{ name: 'etcd', command: ['etcd', '--listen-client-urls=http://127.0.0.1:2379'] }] },
      }),
    }),
  );
  const running: boolean[] = [];
  const daemons = await startDaemons({
    host,
    clock: wallClock,
    ssh: { hostKey, newId: () => 'one' },
    docker: { images: [], containers: [] },
    kubelet: {
      certificateAuthority: pki.text('ca.crt'),
      makeServingCertificate: async () => ({ certificate: pki.text('server.crt'), key: pki.text('server.key') }),
      onRunning: (is) => running.push(is),
      cluster: {
        pods: async () => [],
        authenticateToken: async () => undefined,
        authorize: async () => false,
        run: async () => undefined,
        logs: async () => undefined,
      },
    },
    containerRuntime: {
      sandboxes: async () => [],
      containers: async () => [],
      images: async () => [],
      logs: async () => undefined,
    },
    etcd: { data: { revision: () => 1, read: async () => [] } },
  });
  expect((await host.call('systemctl', ['list-units', '--no-legend'])).stdout).toBe(
    [
      '  docker.service  loaded active running Docker Application Container Engine',
      '  kubelet.service loaded active running kubelet: The Kubernetes Node Agent',
      '  ssh.service     loaded active running OpenBSD Secure Shell server',
      '',
    ].join('\n'),
  );
  expect([22, 10_250, 2379].map((port) => typeof host.portOf(port))).toEqual(['number', 'number', 'number']);
  expect(daemons.etcd?.state.status).toBe('running');
  expect((await host.call('docker', ['ps'])).code).toBe(0);
  await daemons[Symbol.asyncDispose]();
  expect([22, 10_250, 2379].map((port) => host.portOf(port))).toEqual([undefined, undefined, undefined]);
  expect(running).toEqual([true, false]);
});

test('a host without daemons still has the commands, which say so', async () => {
  const host = resources.use(await FolderHost.create('internet'));
  resources.use(await startDaemons({ host, clock: wallClock }));
  expect((await host.call('systemctl', ['status', 'ssh'])).stderr).toBe('Unit ssh.service could not be found.\n');
  expect((await host.call('docker', ['ps'])).stderr).toBe(
    'Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?\n',
  );
});
