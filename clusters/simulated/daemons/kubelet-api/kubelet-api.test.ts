import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { realClock } from '../../clock.ts';
import { CertificateAuthority } from '../../../pki/certificate-authority.ts';
import { readCertificateRequest } from '../../kubernetes/pki/certificate-request.ts';
import { FolderHost } from '../folder-host.ts';
import { packageEntries } from '../packages.ts';
import { KernelSettings } from '../sysctl/kernel-settings.ts';
import type { KubeletCluster } from './kubelet-cluster.ts';
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

async function node(text: string, more: Partial<KubeletCluster> = {}) {
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
  const kernel = await KernelSettings.boot(host);
  const daemon = kubeletDaemon({
    host,
    clock: realClock,
    release: 'v1.36.0',
    kernel,
    makeServingCertificate: async () => ({ certificate: pki.text('server.crt'), key: pki.text('server.key') }),
    cluster: {
      node: { name: 'node01', address: '10.10.0.11' },
      requestServing: async () => undefined,
      pods: async () => [{ metadata: { name: 'web', namespace: 'shop' } }],
      authenticateToken: async (token) =>
        token === 'good' ? { name: 'system:serviceaccount:shop:viewer', groups: [] } : undefined,
      authorize: async (user, verb, subresource) =>
        user.groups.includes('system:masters') ||
        (user.name.endsWith('viewer') && verb === 'get' && subresource === 'pods'),
      run: async ({ pod }, argv) => (pod === 'web' ? `ran ${argv.join('|')}` : undefined),
      logs: async () => 'a line\n',
      ...more,
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
  return { host, manager, curl, asAdmin, journal, kernel };
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

test('anybody may ask whether it lives, on a port of its own', async () => {
  const { host, manager } = await node(HARDENED);
  const ask = async (path: string) =>
    (await run('curl', ['-s', `http://127.0.0.1:${host.portOf(10_248)}${path}`])).stdout;
  expect(await ask('/healthz')).toBe('ok');
  expect(await ask('/healthz?verbose')).toBe('[+]ping ok\nhealthz check passed\n');
  expect(await ask('/pods')).toBe('404 page not found\n');
  await host.write('/var/lib/kubelet/config.yaml', `${HARDENED}\nhealthzPort: 0\n`);
  await manager.restart('kubelet.service');
  expect(host.portOf(10_248)).toBeUndefined();
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
  [
    config('authentication: {anonymous: {enabled: maybe}}\n'),
    'failed to decode: json: cannot unmarshal string into Go struct field KubeletConfiguration.authentication.anonymous.enabled of type bool',
  ],
  [
    config('readOnlyPort: "10255"\n'),
    'failed to decode: json: cannot unmarshal string into Go struct field KubeletConfiguration.readOnlyPort of type int32',
  ],
  ['apiVersion: v1\nkind: Pod\n', 'failed to decode: no kind \\"Pod\\" is registered for version \\"v1\\"'],
  [
    config('eventRecordQPS: -1\n'),
    'invalid configuration: eventRecordQPS (--event-qps) -1 must not be a negative number',
  ],
  [config('tlsCipherSuites: [TLS_NOPE]\n'), "Cipher suite TLS_NOPE not supported or doesn't exist"],
  [config('tlsMinVersion: VersionTLS14\n'), 'unknown tls version \\"VersionTLS14\\"'],
  [config('streamingConnectionIdleTimeout: long\n'), 'time: invalid duration \\"long\\"'],
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

test('a kubelet that protects nothing sets its kernel, and one that does starts as long as it stays so', async () => {
  const { host, manager, journal, kernel } = await node(HARDENED);
  expect(kernel.get('kernel.panic')).toBe('10');
  await host.write('/var/lib/kubelet/config.yaml', `${HARDENED}protectKernelDefaults: true\n`);
  await manager.restart('kubelet.service');
  expect(manager.view('kubelet.service')?.state.active).toBe('active');
  kernel.set('kernel.panic', '0');
  kernel.set('vm.overcommit_memory', '0');
  await manager.restart('kubelet.service');
  expect(manager.view('kubelet.service')?.state.active).toBe('activating');
  const lines = journal.read(['kubelet.service']).map(({ message }) => message);
  expect(lines.join('\n')).toContain(
    '"Failed to start ContainerManager" err="[invalid kernel flag: vm/overcommit_memory, expected value: 1, actual value: 0, invalid kernel flag: kernel/panic, expected value: 10, actual value: 0]"',
  );
});

test('drop-ins are laid over the file in their order, maps within maps', async () => {
  const { host, manager, curl } = await node(HARDENED);
  await host.write('/etc/kubelet.d/10-open.conf', config('authentication: {anonymous: {enabled: true}}\n'));
  await host.write('/etc/kubelet.d/20-mode.conf', config('authorization: {mode: AlwaysAllow}\n'));
  await host.write('/etc/kubelet.d/30-ignored.yaml', 'garbage: [');
  await host.write('/var/lib/kubelet/kubeadm-flags.env', 'KUBELET_KUBEADM_ARGS="--config-dir=/etc/kubelet.d"\n');
  await manager.restart('kubelet.service');
  expect(await curl('/healthz')).toBe('ok 200');
});

test('suites and versions of TLS are those of its configuration', async () => {
  const { host } = await node(
    config('tlsMinVersion: VersionTLS12\ntlsCipherSuites: [TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384]\n'),
  );
  const shake = async (...args: string[]): Promise<string> => {
    const address = `127.0.0.1:${host.portOf(10_250)}`;
    const asked = run('openssl', ['s_client', '-connect', address, ...args]);
    asked.child.stdin?.end();
    const { stdout } = await asked.catch((error: unknown) => error as { stdout: string });
    return /Cipher is (\S+)/.exec(stdout)?.[1] ?? '';
  };
  expect(await shake('-tls1_2', '-cipher', 'ECDHE-ECDSA-AES256-GCM-SHA384')).toBe('ECDHE-ECDSA-AES256-GCM-SHA384');
  expect(await shake('-tls1_2', '-cipher', 'ECDHE-ECDSA-AES128-GCM-SHA256')).toBe('(NONE)');
  const strict = await node(config('tlsMinVersion: VersionTLS13\n'));
  const address = `127.0.0.1:${strict.host.portOf(10_250)}`;
  await expect(run('openssl', ['s_client', '-connect', address, '-tls1_2'])).rejects.toThrow('protocol version');
});

test('with serverTLSBootstrap there is no certificate until the cluster has signed one', async () => {
  let asked = '';
  const signed = Promise.withResolvers<string>();
  const { host } = await node(config('serverTLSBootstrap: true\n'), {
    requestServing: (request) => {
      asked = request;
      return signed.promise;
    },
  });
  const hello = (): Promise<string> =>
    run('curl', ['-sk', `https://127.0.0.1:${host.portOf(10_250)}/healthz`]).then(
      ({ stdout }) => stdout,
      ({ code }: { code: number }) => `curl ${code}`,
    );
  expect(await hello()).toBe('curl 35');
  const request = readCertificateRequest(asked);
  if ('failed' in request) throw new Error(request.failed);
  expect(request.ok).toMatchObject({
    commonName: 'system:node:node01',
    organizations: ['system:nodes'],
    dnsNames: ['node01'],
    addresses: ['10.10.0.11'],
  });
  const authority = new CertificateAuthority('test', Date.now() - 1000, Date.now() + 60_000);
  signed.resolve(
    authority.sign({
      subject: { commonName: 'system:node:node01' },
      publicKey: request.ok.publicKey.export({ type: 'spki', format: 'der' }),
      notBefore: Date.now() - 1000,
      notAfter: Date.now() + 60_000,
      keyUsage: ['digitalSignature'],
      extendedKeyUsage: ['serverAuth'],
      dnsNames: ['node01'],
    }),
  );
  await expect.poll(hello).toBe('Unauthorized');
  const link = await host.listTree(['/var/lib/kubelet/pki']);
  expect(link.get('/var/lib/kubelet/pki/kubelet-server-current.pem')).toMatch(/kubelet-server-\d{4}-.*\.pem$/);
});
