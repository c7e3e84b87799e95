import { afterEach, beforeEach, expect, test } from 'vitest';
import { realClock } from '../clock.ts';
import { testRuntime } from './crictl/test-runtime.ts';
import { FolderHost } from './folder-host.ts';
import { packageEntries } from './packages.ts';
import { makeSshHostKey } from './sshd/host-key.ts';
import { Journal } from './systemd/journal.ts';
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
    await FolderHost.create(
      'node01',
      { '/etc/kubernetes/pki/ca.crt': pki.text('ca.crt') },
      packageEntries(['ssh', 'docker', 'containerd', 'kubelet']),
    ),
  );
  const running: boolean[] = [];
  const daemons = await startDaemons({
    host,
    clock: realClock,
    journal: new Journal(realClock),
    ssh: { hostKey, newId: () => 'one' },
    docker: {
      images: [],
      present: [],
      sandboxes: () => Promise.reject(new Error('no sandboxes')),
      fault: () => undefined,
    },
    kubelet: {
      release: 'v1.36.0',
      makeServingCertificate: async () => ({ certificate: pki.text('server.crt'), key: pki.text('server.key') }),
      randomness: { uuid: () => '', int: () => 0 },
      onRunning: (is) => running.push(is !== undefined),
      cluster: {
        node: { name: 'node01', address: '10.10.0.11' },
        requestServing: async () => undefined,
        pods: async () => [],
        authenticateToken: async () => undefined,
        authorize: async () => false,
        run: async () => undefined,
        logs: async () => undefined,
      },
    },
    containerRuntime: testRuntime([]),
  });
  expect((await host.call('systemctl', ['list-units', '--no-legend'])).stdout).toBe(
    [
      '  containerd.service loaded active running containerd container runtime',
      '  docker.service     loaded active running Docker Application Container Engine',
      '  docker.socket      loaded active running Docker Socket for the API',
      '  kubelet.service    loaded active running kubelet: The Kubernetes Node Agent',
      '  ssh.service        loaded active running OpenBSD Secure Shell server',
      '',
    ].join('\n'),
  );
  expect([22, 10_250].map((port) => typeof host.portOf(port))).toEqual(['number', 'number']);
  expect((await host.call('docker', ['ps'])).code).toBe(0);
  await daemons[Symbol.asyncDispose]();
  expect([22, 10_250].map((port) => host.portOf(port))).toEqual([undefined, undefined]);
  expect(running).toEqual([true, false]);
});

test('a host without daemons still has the commands, which say so', async () => {
  const host = resources.use(await FolderHost.create('internet'));
  resources.use(await startDaemons({ host, clock: realClock, journal: new Journal(realClock) }));
  expect((await host.call('systemctl', ['status', 'ssh'])).stderr).toBe('Unit ssh.service could not be found.\n');
  expect((await host.call('docker', ['ps'])).stderr).toBe(
    'Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?\n',
  );
});
