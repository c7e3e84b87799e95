import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FolderHost } from '../folder-host.ts';
import { makeTestPki } from '../test-pki.ts';
import { etcdDaemon } from './etcd-daemon.ts';
import { decode, encode } from './wire.ts';

// The same cases every time: a test that fails now and then tells nobody why.
fc.configureGlobal({ seed: 20_261_123 });

const run = promisify(execFile);
let resources: AsyncDisposableStack;
beforeEach(() => {
  resources = new AsyncDisposableStack();
});
afterEach(() => resources.disposeAsync());

const TLS = ['--cert-file=/pki/server.crt', '--key-file=/pki/server.key'];
const MUTUAL = [...TLS, '--client-cert-auth=true', '--trusted-ca-file=/pki/ca.crt'];
const LISTEN = [
  '--name=controlplane',
  '--listen-client-urls=https://127.0.0.1:2379',
  '--advertise-client-urls=https://10.10.0.10:2379',
];

/** No certificate; the flag only says what holds anyway. */
const ANYBODY = ['--insecure-transport=false'];

const entries = [
  '/registry/pods/shop/web',
  '/registry/secrets/shop/db',
  '/registry/secrets/shop/öl',
  '/registry/secretsx',
].map((key, i) => ({
  key,
  value: Buffer.from(`value of ${key}\0\xff`),
  createRevision: i + 1,
  modRevision: i + 10,
  version: 2,
}));

async function start(...flags: string[]) {
  const pki = await makeTestPki(resources);
  const files = Object.fromEntries(
    ['ca.crt', 'server.crt', 'server.key'].map((name) => [`/pki/${name}`, pki.text(name)]),
  );
  const host = resources.use(await FolderHost.create('controlplane', files));
  const data = {
    revision: () => 42,
    read: async (prefix: string) => entries.filter(({ key }) => key.startsWith(prefix)),
  };
  const daemon = etcdDaemon(host, data);
  const failure = await daemon.start({ argv: ['etcd', ...flags], environment: {}, log: () => {}, exited: () => {} });
  resources.defer(() => daemon.stop());
  const endpoint = `127.0.0.1:${host.portOf(2379) ?? 1}`;
  const identity = ['--cert', pki.path('client.crt'), '--key', pki.path('client.key')];
  const etcdctl = async (args: string[], as: readonly string[] = identity) => {
    const argv = [
      '--endpoints',
      `https://${endpoint}`,
      '--cacert',
      pki.path('ca.crt'),
      `--command-timeout=${as.length === 0 ? '1s' : '20s'}`,
      '--dial-timeout=20s',
      ...as,
      ...args,
    ];
    try {
      return { code: 0, ...(await run('etcdctl', argv, { env: { ETCDCTL_API: '3', PATH: '/usr/bin' } })) };
    } catch (error) {
      return { code: 1, ...(error as { stdout: string; stderr: string }) };
    }
  };
  return { host, failure, etcdctl, endpoint, pki };
}

test('a real etcdctl reads keys, prefixes, counts and health over mutual TLS', async () => {
  const { etcdctl } = await start(...LISTEN, ...MUTUAL);
  expect((await etcdctl(['get', '/registry/secrets/shop/db'])).stdout).toBe(
    '/registry/secrets/shop/db\nvalue of /registry/secrets/shop/db\0\u00ff\n',
  );
  expect((await etcdctl(['get', '/registry/secrets/', '--prefix', '--keys-only'])).stdout.trim().split(/\n+/)).toEqual([
    '/registry/secrets/shop/db',
    '/registry/secrets/shop/öl',
  ]);
  expect((await etcdctl(['get', '', '--prefix', '--keys-only', '--limit=1'])).stdout.trim()).toBe(
    '/registry/pods/shop/web',
  );
  expect(JSON.parse((await etcdctl(['get', '/', '--from-key', '--limit=1', '-w', 'json'])).stdout)).toMatchObject({
    more: true,
    count: 4,
  });
  expect((await etcdctl(['endpoint', 'health'])).code).toBe(0);
  expect((await etcdctl(['member', 'list'])).stdout).toContain(
    'started, controlplane, https://10.10.0.10:2380, https://10.10.0.10:2379',
  );
  expect(JSON.parse((await etcdctl(['endpoint', 'status', '-w', 'json'])).stdout)).toMatchObject([
    { Status: { version: '3.5.21', header: { revision: 42 } } },
  ]);
  const put = await etcdctl(['put', '/a', 'b']);
  expect([put.code, put.stderr]).toEqual([1, expect.stringContaining('not simulated: /etcdserverpb.KV/Put')]);
});

test('without a certificate of the CA nothing is read, and plain HTTP is told off', async () => {
  const { etcdctl, endpoint } = await start(...LISTEN, ...MUTUAL);
  expect((await etcdctl(['get', '/', '--prefix'], [])).code).toBe(1);
  expect((await run('curl', ['-s', `http://${endpoint}/health`])).stdout).toBe(
    'Client sent an HTTP request to an HTTPS server.\n',
  );
});

test('without client certificate authentication anybody reads the secrets', async () => {
  const { etcdctl, endpoint, pki } = await start(...LISTEN, ...TLS);
  expect((await etcdctl(['get', '/registry/secrets/shop/db'], ANYBODY)).stdout).toContain('value of');
  expect(
    (await run('curl', ['-s', '--http1.1', '--cacert', pki.path('ca.crt'), `https://${endpoint}/health`])).stdout,
  ).toBe('{"health":"true","reason":""}');
});

test.each([
  [[...LISTEN, '--frob=1'], 'flag provided but not defined: -frob'],
  [[...LISTEN], 'TLS key/cert (--cert-file, --key-file) must be provided'],
  [[...LISTEN, '--cert-file=/nope', '--key-file=/pki/server.key'], 'open /nope: no such file or directory'],
  [['--listen-client-urls=https://etcd.example:2379'], 'expected IP in URL for binding (https://etcd.example:2379)'],
])('a command line it cannot use keeps it down: %j', async (flags, words) => {
  const { host, failure } = await start(...flags);
  expect(failure?.lines.join('\n')).toContain(words);
  expect(host.portOf(2379)).toBeUndefined();
});

test('what is encoded decodes to the same fields', () => {
  const roundTrip = fc.property(
    fc.bigInt({ min: 1n, max: 2n ** 64n - 1n }),
    fc.uint8Array({ minLength: 1 }),
    (number, bytes) => {
      const fields = decode(encode([1, number], [2, bytes], [15, true]));
      expect([...fields]).toEqual([
        [1, number],
        [2, Buffer.from(bytes)],
        [15, 1n],
      ]);
    },
  );
  fc.assert(roundTrip);
  expect(() => decode(Buffer.from([0x0a, 0xff, 0x01]))).toThrow(RangeError);
});
