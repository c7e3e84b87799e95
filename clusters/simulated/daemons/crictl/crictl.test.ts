import { afterEach, beforeEach, expect, test } from 'vitest';
import { FolderHost } from '../folder-host.ts';
import { crictl } from './crictl.ts';
import { testContainer, type TestRuntime, testRuntime } from './test-runtime.ts';

let resources: AsyncDisposableStack;
beforeEach(() => {
  resources = new AsyncDisposableStack();
});
afterEach(() => resources.disposeAsync());

const clock = { now: () => Date.parse('2026-11-23T05:03:00Z'), after: () => ({ [Symbol.dispose]: () => {} }) };
const CONFIG = 'runtime-endpoint: unix:///run/containerd/containerd.sock\n';

async function node(config = CONFIG) {
  const host = resources.use(await FolderHost.create('controlplane'));
  const runtime: TestRuntime = testRuntime(
    [
      testContainer('aaaaaaaaaaaaaaaa', 'Running', 1),
      testContainer('bbbbbbbbbbbbbbbb', 'Exited', 0, { exitCode: 1, image: 'nginx:1.27', imageId: 'sha256:abad1dea' }),
    ],
    { bbbbbbbbbbbbbbbb: 'one\nError: unknown flag: --frob\n' },
  );
  await host.writeFile('/etc/crictl.yaml', Buffer.from(config), { mode: 0o644 });
  await host.installCommand(
    'crictl',
    crictl(host, () => runtime, clock),
  );
  const call = (line: string) => host.call('crictl', line === '' ? [] : line.split(' '));
  return { call, runtime };
}

test('ps shows what runs, and -a what has ended too', async () => {
  const { call } = await node();
  expect((await call('ps')).stdout).toMatch(
    /^CONTAINER {11}IMAGE .*\naaaaaaaaaaaaa {7}cafe012345678 {7}3 minutes ago +Running +kube-apiserver +1 +0123456789abc +kube-apiserver-controlplane +kube-system\n$/,
  );
  expect((await call('ps -aq')).stdout).toBe('aaaaaaaaaaaaaaaa\nbbbbbbbbbbbbbbbb\n');
  expect((await call('ps -a --state exited -q')).stdout).toBe('bbbbbbbbbbbbbbbb\n');
  expect((await call('ps -a -name ^api -q')).stdout).toBe('');
  expect((await call('ps -a --label io.kubernetes.pod.namespace=kube-system -q')).stdout).toContain('aaaa');
  expect((await call('ps -r')).stdout).toContain('registry.k8s.io/kube-apiserver:v1.35.2');
  expect(JSON.parse((await call('ps -o json')).stdout)).toMatchObject({
    containers: [{ state: 'CONTAINER_RUNNING', createdAt: '1795410000000000000' }],
  });
});

test('pods and images are listed, and by a part of their name or id', async () => {
  const { call } = await node();
  expect((await call('pods --name api')).stdout).toMatch(/ Ready +kube-apiserver-controlplane .*\(default\)\n/);
  expect((await call('pods --state notready -q')).stdout).toBe('');
  expect((await call('img')).stdout).toMatch(/registry\.k8s\.io\/pause +3\.10 +feedfacefeedf +320kB\n/);
  expect((await call('images -q nginx:1.27')).stdout).toBe('sha256:abad1dea\n');
});

test('logs of an ended container say why it ended, on the stream that they were written to', async () => {
  const { call } = await node();
  expect(await call('logs --tail=1 bbbb')).toMatchObject({ stdout: '', stderr: 'Error: unknown flag: --frob\n' });
  expect((await call('logs -p --timestamps aaaa')).stderr).toMatch(/^2026-11-23T05:00:00.000000000Z one\n/);
  expect((await call('logs --since 1m bbbb')).stderr).toBe('');
  expect((await call('logs --since never bbbb')).stderr).toContain('never');
  expect(await call('logs cccc')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('find container "cccc": not found'),
  });
});

test('inspect tells of one as it is, of several as a list, and what a template asks for', async () => {
  const { call } = await node();
  const one = JSON.parse((await call('inspect aaaa')).stdout) as object;
  expect(Object.keys(one)).toEqual(['info', 'status']);
  expect(one).toMatchObject({ status: { state: 'CONTAINER_RUNNING' }, info: { pid: 4711 } });
  expect(JSON.parse((await call('inspect aaaa bbbb')).stdout)).toMatchObject([
    { status: { finishedAt: '0001-01-01T00:00:00Z' } },
    { status: { exitCode: 1, reason: 'Error' } },
  ]);
  expect((await call('inspect -o go-template --template {{.info.pid}}{{.none}} aaaa')).stdout).toBe('4711<no value>\n');
  expect((await call('inspectp -o yaml 0123')).stdout).toContain('ip: 10.244.0.7');
  expect((await call('inspecti pause')).stderr).toContain('no such image "pause" present');
  expect((await call('inspecti registry.k8s.io/pause')).stdout).toContain('"pinned": true');
});

test('what runs is stopped and removed, and images are pulled and removed', async () => {
  const { call, runtime } = await node();
  expect((await call('stop -t 5 aaaa')).stdout).toBe('aaaa\n');
  expect((await call('rm aaaa')).stderr).toBe('FATA[0000] container "aaaa" is running, please stop it first\n');
  expect((await call('rm -f aaaa')).stdout).toBe('aaaa\n');
  expect((await call('rmi nginx:1.27 nothing')).stderr).toBe(
    'ERRO[0000] no such image nothing\nFATA[0000] unable to remove the image(s)\n',
  );
  expect((await call('rmi --prune')).stderr).toBe('INFO[0000] No images to remove\n');
  expect(runtime.done).toEqual([
    'stop aaaaaaaaaaaaaaaa 5000',
    'stop aaaaaaaaaaaaaaaa 0',
    'remove aaaaaaaaaaaaaaaa',
    'remove docker.io/library/nginx:1.27',
  ]);
  expect((await call('pull nginx')).stdout).toBe('Image is up to date for sha256:abad1dea\n');
  expect((await call('pull nothing')).stderr).toBe(
    'FATA[0000] pulling image: rpc error: code = NotFound desc = nothing: not found\n',
  );
});

test('the endpoint is that of the option, of the configuration, or a default that it warns of', async () => {
  const { call } = await node('runtime-endpoint: unix:///run/other.sock\n');
  expect((await call('ps')).stderr).toContain('dial unix /run/other.sock: connect: no such file or directory');
  expect(await call('-r unix:///var/run/containerd/containerd.sock ps -q')).toMatchObject({ stderr: '', code: 0 });
  expect((await call('-r http://there ps')).stderr).toContain('protocol "http" not supported');
  const bare = await node('');
  expect(await bare.call('ps -q')).toMatchObject({
    code: 0,
    stdout: 'aaaaaaaaaaaaaaaa\n',
    stderr: expect.stringContaining('As the default settings are now deprecated, you should set the endpoint instead.'),
  });
});

test('helps, knows its version, and tells a wrong word from one that is not modelled', async () => {
  const { call } = await node();
  expect((await call('')).stdout).toContain('crictl - client for CRI');
  expect((await call('ps -h')).stdout).toContain('--resolve-image-path, -r\n');
  expect((await call('--version')).stdout).toMatch(/^crictl version v1\.\d+\.0\n$/);
  expect((await call('version')).stdout).toContain('RuntimeName:  containerd\n');
  expect(await call('frob')).toMatchObject({ code: 3, stderr: "No help topic for 'frob'\n" });
  expect(await call('runp x')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('not simulated: crictl runp'),
  });
  expect(await call('ps --frob')).toMatchObject({
    code: 1,
    stdout: expect.stringMatching(/^Incorrect Usage: flag provided but not defined: -frob\n/),
    stderr: 'FATA[0000] flag provided but not defined: -frob\n',
  });
});
