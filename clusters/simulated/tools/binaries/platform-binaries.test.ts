import { afterEach, beforeEach, expect, test } from 'vitest';
import type { HostName } from '../../../../protocol/host.ts';
import { FolderHost } from '../../daemons/folder-host.ts';
import { BINARIES, platformBinaries, SUMS } from './platform-binaries.ts';

let resources: AsyncDisposableStack;
beforeEach(() => {
  resources = new AsyncDisposableStack();
});
afterEach(() => resources.disposeAsync());

async function sh(name: HostName, line: string): Promise<string> {
  const host = resources.use(await FolderHost.create(name, {}, platformBinaries(name)));
  const { stdout, stderr } = await host.exec(['bash', '-c', line], {
    signal: AbortSignal.timeout(10_000),
    cwd: BINARIES,
  });
  return `${String(stdout)}${String(stderr)}`;
}

test('every program of the control plane matches the published sums', async () => {
  expect(await sh('controlplane', `sha512sum -c ${SUMS}`)).toBe(
    'kube-apiserver: OK\nkube-controller-manager: OK\nkube-proxy: OK\nkube-scheduler: OK\nkubeadm: OK\nkubectl: OK\nkubelet: OK\n',
  );
});

test('one program of the worker does not, though it is as long and says the same version', async () => {
  expect(await sh('node01', `sha512sum -c ${SUMS} 2>/dev/null | grep -v OK; ./kube-proxy --version`)).toBe(
    'kube-proxy: FAILED\nKubernetes v1.36.2\n',
  );
  const size = 'stat -c %s kube-proxy';
  expect(await sh('node01', size)).toBe(await sh('controlplane', size));
});

test('the programs are for their digests alone', async () => {
  expect(await sh('node01', './kubelet --config=x')).toContain('not simulated: kubelet run from /opt/binaries');
});
