import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { realClock } from '../../clock.ts';
import { FolderHost } from '../folder-host.ts';
import { packageEntries } from '../packages.ts';
import { Journal } from '../systemd/journal.ts';
import { UnitManager } from '../systemd/unit-manager.ts';
import { KUBELET_UNIT } from '../systemd/vendor-units.ts';
import { makeTestPki } from '../test-pki.ts';
import { kubeletDaemon } from './kubelet-daemon.ts';

const run = promisify(execFile);
let resources: AsyncDisposableStack;
beforeEach(() => {
  resources = new AsyncDisposableStack();
});
afterEach(() => resources.disposeAsync());

const config = (text: string) => `apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n${text}`;
const HARDENED = config(`authentication:
  anonymous: {enabled: false}
  webhook: {enabled: true}
  x509: {clientCAFile: /etc/kubernetes/pki/ca.crt}
authorization: {mode: Webhook}
`);
const OPEN = config(
  'authentication:\n  anonymous: {enabled: true}\nauthorization: {mode: AlwaysAllow}\nreadOnlyPort: 10255\n',
);

async function node(text: string) {
  const pki = await makeTestPki(resources);
  const host = resources.use(
    await FolderHost.create(
      'node01',
      {
        '/var/lib/kubelet/config.yaml': text,
        '/etc/kubernetes/pki/ca.crt': pki.text('ca.crt'),
      },
      packageEntries(['kubelet']),
    ),
  );
  const daemon = kubeletDaemon({
    host,
    clock: realClock,
    release: 'v1.36.0',
    makeServingCertificate: async () => ({ certificate: pki.text('server.crt'), key: pki.text('server.key') }),
    cluster: {
      pods: async () => [{ metadata: { name: 'web', namespace: 'shop' } }],
      authenticateToken: async (token) =>
        token === 'good' ? { name: 'system:serviceaccount:shop:viewer', groups: [] } : undefined,
      authorize: async (user, verb, subresource) =>
        user.groups.includes('system:masters') ||
        (user.name.endsWith('viewer') && verb === 'get' && subresource === 'pods'),
      run: async ({ pod }, argv) => (pod === 'web' ? `ran ${argv.join('|')}` : undefined),
      logs: async () => 'a line\n',
    },
  });
  const journal = new Journal(realClock);
  const manager = resources.use(
    await UnitManager.boot({
      host,
      vendor: [KUBELET_UNIT],
      daemons: { kubelet: () => daemon },
      journal,
      clock: realClock,
    }),
  );
  const curl = async (path: string, ...args: string[]) => {
    const url = `https://127.0.0.1:${host.portOf(10_250) ?? 1}${path}`;
    const { stdout } = await run('curl', ['-sk', '--max-time', '10', '-w', ' %{http_code}', ...args, url]);
    return stdout;
  };
  const asAdmin = ['--cert', pki.path('client.crt'), '--key', pki.path('client.key')];
  return { host, manager, curl, asAdmin, journal };
}

test('an open kubelet shows its pods and runs commands for anybody, and its read-only port asks nobody', async () => {
  const { host, curl } = await node(OPEN);
  expect(JSON.parse((await curl('/pods')).replace(/ 200$/, ''))).toMatchObject({
    kind: 'PodList',
    items: [{ metadata: { name: 'web' } }],
  });
  expect(await curl('/run/shop/web/app', '-d', 'cmd=cat /etc/passwd')).toBe('ran cat|/etc/passwd 200');
  const { stdout } = await run('curl', ['-s', `http://127.0.0.1:${host.portOf(10_255)}/pods`]);
  expect(JSON.parse(stdout)).toMatchObject({ kind: 'PodList' });
  expect(
    (await run('curl', ['-s', '-d', 'cmd=id', `http://127.0.0.1:${host.portOf(10_255)}/run/shop/web/app`])).stdout,
  ).toBe('404 page not found\n');
});

test('a hardened kubelet tells nobody from somebody, and somebody from an administrator', async () => {
  const { host, curl, asAdmin } = await node(HARDENED);
  expect(await curl('/pods')).toBe('Unauthorized 401');
  expect(await curl('/pods', '-H', 'Authorization: Bearer stolen')).toBe('Unauthorized 401');
  expect(await curl('/pods', '-H', 'Authorization: Bearer good')).toMatch(/ 200$/);
  expect(await curl('/run/shop/web/app', '-H', 'Authorization: Bearer good', '-d', 'cmd=id')).toBe(
    'Forbidden (user=system:serviceaccount:shop:viewer, verb=create, resource=nodes, subresource(s)=[proxy]) 403',
  );
  expect(await curl('/containerLogs/shop/web/app', ...asAdmin)).toBe('a line\n 200');
  expect(await curl('/healthz', ...asAdmin)).toBe('ok 200');
  expect(host.portOf(10_255)).toBeUndefined();
});

test('anonymous with Webhook authorization is let in and then forbidden', async () => {
  const { curl } = await node(config('authentication:\n  anonymous: {enabled: true}\n'));
  expect(await curl('/pods')).toBe(
    'Forbidden (user=system:anonymous, verb=get, resource=nodes, subresource(s)=[pods proxy]) 403',
  );
});

test('an edit counts from the restart on, and a flag wins over the file', async () => {
  const { host, manager, curl } = await node(OPEN);
  await host.write('/var/lib/kubelet/config.yaml', HARDENED);
  expect(await curl('/healthz')).toBe('ok 200');
  await manager.restart('kubelet.service');
  expect(await curl('/healthz')).toBe('Unauthorized 401');
  await host.write(
    '/var/lib/kubelet/kubeadm-flags.env',
    'KUBELET_KUBEADM_ARGS="--anonymous-auth=true --authorization-mode=AlwaysAllow"\n',
  );
  await manager.restart('kubelet.service');
  expect(await curl('/healthz')).toBe('ok 200');
});

test.each([
  [config('authorization: {mode: Foo}\n'), 'failed to run Kubelet: unknown authorization mode Foo'],
  [
    config('authentication: {x509: {clientCAFile: /nope.crt}}\n'),
    'unable to load client CA file /nope.crt: open /nope.crt: no such file or directory',
  ],
  ['kind: [', 'failed to load kubelet config file, path: /var/lib/kubelet/config.yaml, error: '],
  [config('authentication: {anonymous: {enabled: maybe}}\n'), 'authentication.anonymous.enabled'],
])('a configuration it cannot use keeps it down: %j', async (text, words) => {
  const { host, manager, journal } = await node(HARDENED);
  await host.write('/var/lib/kubelet/config.yaml', text);
  await manager.restart('kubelet.service');
  expect(manager.view('kubelet.service')?.state.active).toBe('activating');
  expect(host.portOf(10_250)).toBeUndefined();
  expect(
    journal
      .read(['kubelet.service'])
      .map(({ message }) => message)
      .join('\n'),
  ).toContain(words);
});
