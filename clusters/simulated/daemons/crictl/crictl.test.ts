import { afterEach, beforeEach, expect, test } from 'vitest';
import { FolderHost } from '../folder-host.ts';
import { crictl, type CriContainer } from './crictl.ts';

let resources: AsyncDisposableStack;
beforeEach(() => {
  resources = new AsyncDisposableStack();
});
afterEach(() => resources.disposeAsync());

const created = new Date('2026-11-23T05:00:00Z');
const clock = { now: () => Date.parse('2026-11-23T05:03:00Z'), after: () => ({ [Symbol.dispose]: () => {} }) };

async function node() {
  const host = resources.use(await FolderHost.create('controlplane'));
  const sandbox = {
    id: '0123456789abcdef',
    name: 'kube-apiserver-controlplane',
    namespace: 'kube-system',
    attempt: 0,
    ready: true,
    created,
  };
  const container = (id: string, state: CriContainer['state'], attempt: number): CriContainer => ({
    id,
    sandbox,
    name: 'kube-apiserver',
    image: 'registry.k8s.io/kube-apiserver:v1.35.2',
    state,
    exitCode: 1,
    attempt,
    created,
  });
  const containers = [container('aaaaaaaaaaaaaaaa', 'Running', 1), container('bbbbbbbbbbbbbbbb', 'Exited', 0)];
  const runtime = {
    configure: () => undefined,
    sandboxes: async () => [sandbox],
    containers: async () => containers,
    images: async () => [{ id: 'sha256:feedfacefeedface', reference: 'registry.k8s.io/pause:3.10', bytes: 320_000 }],
    logs: async (id: string) => (id.startsWith('b') ? 'one\nError: unknown flag: --frob\n' : undefined),
  };
  await host.installCommand(
    'crictl',
    crictl(() => runtime, clock),
  );
  return host;
}

test('ps shows what runs, and -a what has ended too', async () => {
  const host = await node();
  expect((await host.call('crictl', ['ps'])).stdout).toMatch(
    /^CONTAINER .*\naaaaaaaaaaaaa +registry\S+ +3 minutes ago +Running +kube-apiserver +1 +0123456789abc +kube-apiserver-controlplane +kube-system\n$/,
  );
  expect((await host.call('crictl', ['ps', '-aq'])).stdout).toBe('aaaaaaaaaaaaaaaa\nbbbbbbbbbbbbbbbb\n');
  expect((await host.call('crictl', ['pods', '--name', 'api'])).stdout).toContain('Ready  kube-apiserver-controlplane');
  expect((await host.call('crictl', ['img'])).stdout).toContain('registry.k8s.io/pause  3.10  feedfacefeedf');
});

test('logs of an ended container say why it ended', async () => {
  const host = await node();
  expect((await host.call('crictl', ['logs', '--tail=1', 'bbbb'])).stdout).toBe('Error: unknown flag: --frob\n');
  expect(await host.call('crictl', ['logs', 'cccc'])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('find container "cccc": not found'),
  });
  expect(JSON.parse((await host.call('crictl', ['inspect', 'bbbb'])).stdout)).toMatchObject({
    status: { state: 'CONTAINER_EXITED' },
  });
});

test('what is not modelled is refused in words', async () => {
  const host = await node();
  expect((await host.call('crictl', ['exec', '-it', 'aaaa', 'sh'])).stderr).toContain('not simulated: crictl exec');
});
