import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Pod } from './kubernetes/model/generated/objects.ts';
import { impossible, whyNot } from './hosts/host-fixture.ts';
import { type LabOnHosts, labOnHosts } from './lab-on-hosts.ts';

const pod = (name: string, container: object): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default' },
  spec: { nodeName: 'node01', containers: [{ name: 'c', ...container }] },
});

const MANIFESTS = [
  pod('web', { image: 'nginx:1.27', env: [{ name: 'TOKEN', value: 'hidden-in-the-environment' }] }),
  pod('miner', { image: 'xmrig/xmrig:latest', args: ['--url', 'pool.example:3333'] }),
  pod('idle', { image: 'busybox:1.36', command: ['sleep', '54321'], securityContext: { runAsUser: 4242 } }),
];

describe.skipIf(impossible)(`the processes of a node's pods${whyNot}`, () => {
  let lab: LabOnHosts;
  beforeAll(async () => {
    lab = await labOnHosts(['workstation', 'controlplane', 'node01'], MANIFESTS as never);
  }, 60_000);
  afterAll(() => lab?.[Symbol.asyncDispose]());
  const node = (line: string): Promise<string> => lab.sh('node01', line);
  const podPath = (name: string): string => `/api/v1/namespaces/default/pods/${name}`;
  const restarts = async (name: string): Promise<number> =>
    (await lab.get<Pod>(podPath(name)))?.status.containerStatuses?.[0]?.restartCount ?? -1;

  test('are there for whoever first looks, with their words, users and environment', async () => {
    expect(await node('ps -eo args=')).toMatch(/nginx: master process nginx -g daemon off;[^]*/);
    expect(await node('ps -eo user:20=,args= | grep "[s]leep 54321"')).toMatch(/sleep 54321/);
    const pid = await node('pgrep -x nginx');
    expect(await node(`readlink /proc/${pid}/exe; cat /proc/${pid}/root/etc/hostname`)).toBe('/usr/sbin/nginx\nweb');
    expect(await node(`tr '\\0' '\\n' < /proc/${pid}/environ | grep TOKEN`)).toBe('TOKEN=hidden-in-the-environment');
  });

  test('lead to their pod: a miner is found, killed, seen to come back, and goes with its pod', async () => {
    const pid = await node('pgrep -f pool.example');
    const shim = await node(`ps -o args= -p $(ps -o ppid= -p ${pid})`);
    const [, sandbox = ''] = /containerd-shim-runc-v2 -namespace k8s.io -id ([0-9a-f]{64}) /.exec(shim) ?? [];
    expect(await node(`crictl pods --id ${sandbox} -o json | grep '"name": "miner"'`)).toContain('miner');
    const inspect = 'crictl inspect $(crictl ps -q --name c --pod $(crictl pods -q --name miner)) | grep \'"pid"\'';
    expect(await node(inspect)).toContain(pid);
    await node(`kill -9 ${pid}`);
    const again = await lab.eventually(() => node('pgrep -f pool.example'), new RegExp(`^(?!${pid}$)\\d+$`));
    expect(again).toMatch(/^\d+$/);
    expect(await restarts('miner')).toBe(1);
    const { lastState } = (await lab.get<Pod>(podPath('miner')))?.status.containerStatuses?.[0] ?? {};
    expect(lastState?.terminated).toMatchObject({ exitCode: 137, reason: 'Error' });
    await lab.ask({ method: 'DELETE', path: podPath('miner') });
    expect(await lab.eventually(() => node('pgrep -f pool.example'), /status 1/)).toBe('[status 1]');
  });

  test('of a modelled server end it, asked or killed', async () => {
    await node('kill $(pgrep -x nginx)');
    await expect.poll(() => restarts('web'), { timeout: 20_000 }).toBe(1);
    expect((await lab.get<Pod>(podPath('web')))?.status.containerStatuses?.[0]?.lastState?.terminated?.exitCode).toBe(
      0,
    );
    expect(await lab.eventually(() => node('pgrep -xc nginx'), /^1$/)).toBe('1');
  });

  test('of pods that come later are there as well', async () => {
    await lab.ask({
      method: 'POST',
      path: '/api/v1/namespaces/default/pods',
      body: pod('later', { image: 'redis:7' }),
    });
    expect(await lab.eventually(() => node('ps -eo args= | grep "[r]edis-server"'), /redis/)).toBe(
      'redis-server *:6379',
    );
  });

  test('are not seen on other nodes', async () => {
    expect(await lab.sh('controlplane', 'ps -eo args= | grep -e "[n]ginx:" -e "[s]leep 54321"')).toBe('[status 1]');
  });
});
