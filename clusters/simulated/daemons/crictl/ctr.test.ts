import { afterEach, beforeEach, expect, test } from 'vitest';
import { FolderHost } from '../folder-host.ts';
import { ctr } from './ctr.ts';
import { SANDBOX, testContainer, testRuntime } from './test-runtime.ts';

let resources: AsyncDisposableStack;
beforeEach(() => {
  resources = new AsyncDisposableStack();
});
afterEach(() => resources.disposeAsync());

async function node() {
  const host = resources.use(await FolderHost.create('node01'));
  const runtime = testRuntime([
    testContainer('aaaaaaaaaaaaaaaa', 'Running', 1, { imageId: 'sha256:abad1dea' }),
    testContainer('bbbbbbbbbbbbbbbb', 'Exited', 0),
  ]);
  await host.installCommand(
    'ctr',
    ctr(() => runtime),
  );
  return { runtime, call: (line: string) => host.call('ctr', line.split(' ')) };
}

test('lists the containers, tasks and images of the kubelet in its namespace, and nothing without it', async () => {
  const { call } = await node();
  expect((await call('-n k8s.io c ls')).stdout).toMatch(
    /^CONTAINER +IMAGE +RUNTIME +\n0123456789abcdef +registry\.k8s\.io\/pause:3\.10 +io\.containerd\.runc\.v2 +\naaaaaaaaaaaaaaaa +docker\.io\/library\/nginx:1\.27 /,
  );
  expect((await call('-n k8s.io c ls -q')).stdout).toBe(`${SANDBOX.id}\naaaaaaaaaaaaaaaa\nbbbbbbbbbbbbbbbb\n`);
  expect((await call('containers list -q')).stdout).toBe('');
  expect((await call('-n k8s.io t ls')).stdout).toMatch(/\naaaaaaaaaaaaaaaa +4711 +RUNNING +\n$/);
  expect((await call('--namespace k8s.io images ls')).stdout).toMatch(/docker\.io\/library\/nginx:1\.27 .* 0\.3 MiB /);
  expect((await call('ns ls -q')).stdout).toBe('k8s.io\n');
});

test('kills a task that it is given by its whole id, and refuses what it is not modelled to do', async () => {
  const { call, runtime } = await node();
  await call('-n k8s.io t kill -s SIGKILL aaaaaaaaaaaaaaaa');
  expect(runtime.done).toEqual(['stop aaaaaaaaaaaaaaaa 0']);
  expect(await call('-n k8s.io t kill aaaa')).toMatchObject({ code: 1, stderr: expect.stringContaining('not found') });
  expect((await call('-n k8s.io t exec aaaaaaaaaaaaaaaa sh')).stderr).toBe('ctr: exec id must be provided\n');
  expect((await call('images pull nginx')).stderr).toContain('not simulated: ctr images pull');
});
