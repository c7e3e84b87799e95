import { execFile, spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { realClock } from '../../clock.ts';
import { FolderHost } from '../folder-host.ts';
import { makeTestPki } from '../test-pki.ts';
import { etcdDaemon } from './etcd-daemon.ts';
import { planeOfFew, snapshotStatus } from './test-plane.ts';
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

const CONNECT = (endpoint: string, pki: { path(name: string): string }): string[] => [
  '--endpoints',
  `https://${endpoint}`,
  '--cacert',
  pki.path('ca.crt'),
];

/** No certificate; the flag only says what holds anyway. */
const ANYBODY = ['--insecure-transport=false'];

async function start(...flags: string[]) {
  const pki = await makeTestPki(resources);
  const files = Object.fromEntries(
    ['ca.crt', 'server.crt', 'server.key'].map((name) => [`/pki/${name}`, pki.text(name)]),
  );
  const host = resources.use(await FolderHost.create('controlplane', files));
  const plane = await planeOfFew();
  const daemon = etcdDaemon(host, plane.keys, realClock);
  const launch = { argv: ['etcd', ...flags], environment: {}, log: () => {}, exited: () => {}, ...host.newDaemon() };
  const failure = await daemon.start(launch);
  resources.defer(() => daemon.stop());
  const endpoint = `127.0.0.1:${host.portOf(2379) ?? 1}`;
  const identity = ['--cert', pki.path('client.crt'), '--key', pki.path('client.key')];
  const etcdctl = async (args: string[], as: readonly string[] = identity, input = '') => {
    const timeout = `--command-timeout=${as.length === 0 ? '1s' : '20s'}`;
    const argv = [...CONNECT(endpoint, pki), timeout, '--dial-timeout=20s', ...as, ...args];
    try {
      const running = run('etcdctl', argv, { env: { ETCDCTL_API: '3', PATH: '/usr/bin' } });
      running.child.stdin?.end(input);
      return { code: 0, ...(await running) };
    } catch (error) {
      return { code: 1, ...(error as { stdout: string; stderr: string }) };
    }
  };
  return { host, failure, etcdctl, endpoint, pki, plane, connect: [...CONNECT(endpoint, pki), ...identity] };
}

test('a real etcdctl reads keys, prefixes, counts and health over mutual TLS', async () => {
  const { etcdctl, plane } = await start(...LISTEN, ...MUTUAL);
  const { stdout } = await etcdctl(['get', '/registry/secrets/shop/db']);
  expect(stdout).toContain('/registry/secrets/shop/db\nk8s\0');
  expect(stdout).toContain('hunter2');
  expect((await etcdctl(['get', '/registry/secrets/', '--prefix', '--keys-only'])).stdout.trim().split(/\n+/)).toEqual([
    '/registry/secrets/shop/api',
    '/registry/secrets/shop/db',
  ]);
  expect((await etcdctl(['get', '', '--prefix', '--keys-only', '--limit=1'])).stdout.trim()).toBe(
    '/registry/configmaps/shop/web',
  );
  const fromKey = JSON.parse((await etcdctl(['get', '/', '--from-key', '--limit=1', '-w', 'json'])).stdout) as object;
  expect(fromKey).toMatchObject({ more: true, count: 4, kvs: [{ version: 1, mod_revision: 3, create_revision: 3 }] });
  expect((await etcdctl(['endpoint', 'health'])).code).toBe(0);
  expect((await etcdctl(['member', 'list'])).stdout).toContain(
    'started, controlplane, https://10.10.0.10:2380, https://10.10.0.10:2379',
  );
  expect(JSON.parse((await etcdctl(['endpoint', 'status', '-w', 'json'])).stdout)).toMatchObject([
    { Status: { version: '3.6.5', header: { revision: plane.keys.revision() } } },
  ]);
  const refused = await etcdctl(['user', 'list']);
  expect([refused.code, refused.stderr]).toEqual([
    1,
    expect.stringContaining('not simulated: /etcdserverpb.Auth/UserList'),
  ]);
});

test('what etcdctl writes and deletes is what the cluster has, and its parts hear of it', async () => {
  const { etcdctl, plane } = await start(...LISTEN, ...MUTUAL);
  const { cluster } = plane;
  const maps = cluster.resource('configmaps');
  const heard: string[] = [];
  using _watch = cluster.watch(maps, ({ type, object }) => void heard.push(`${type} ${object.metadata.name}`));
  const red = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'web', namespace: 'shop' },
    data: { colour: 'red' },
  };
  expect((await etcdctl(['put', '/registry/configmaps/shop/web', JSON.stringify(red)])).stdout).toBe('OK\n');
  expect(cluster.get(maps, 'shop', 'web')?.['data']).toEqual({ colour: 'red' });
  expect((await etcdctl(['del', '/registry/configmaps/', '--prefix'])).stdout).toBe('1\n');
  expect([cluster.get(maps, 'shop', 'web'), heard]).toEqual([undefined, ['MODIFIED web', 'DELETED web']]);
  const wrong = await etcdctl(['put', '/registry/configmaps/shop/web', 'nonsense']);
  expect(wrong.stderr).toContain('not simulated: a ConfigMap that cannot be read');
  const renamed = await etcdctl(['put', '/registry/configmaps/shop/other', JSON.stringify(red)]);
  expect(renamed.stderr).toContain('that is named otherwise');
});

test('keys of its own have versions, leases and transactions', async () => {
  const { etcdctl } = await start(...LISTEN, ...MUTUAL);
  await etcdctl(['put', 'greeting', 'hello']);
  expect((await etcdctl(['put', 'greeting', 'hi', '--prev-kv'])).stdout).toBe('OK\ngreeting\nhello\n');
  expect(JSON.parse((await etcdctl(['get', 'greeting', '-w', 'json'])).stdout)).toMatchObject({
    kvs: [{ version: 2 }],
  });
  const granted = /lease ([0-9a-f]+) granted with TTL\(600s\)/.exec((await etcdctl(['lease', 'grant', '600'])).stdout);
  const lease = granted?.[1] ?? '';
  await etcdctl(['put', 'borrowed', 'x', `--lease=${lease}`]);
  expect((await etcdctl(['lease', 'timetolive', lease, '--keys'])).stdout).toContain('attached keys([borrowed])');
  expect((await etcdctl(['lease', 'keep-alive', lease, '--once'])).stdout).toContain('keepalived with TTL(600)');
  expect((await etcdctl(['lease', 'list'])).stdout).toContain(lease);
  expect((await etcdctl(['lease', 'revoke', lease])).stdout).toContain('revoked');
  expect((await etcdctl(['get', 'borrowed'])).stdout).toBe('');
  const txn = 'value("greeting") = "hi"\n\nput greeting bye\nget greeting\n\nget nothing\n\n';
  expect((await etcdctl(['txn'], undefined, txn)).stdout).toBe('SUCCESS\n\nOK\n\ngreeting\nbye\n');
  const status = JSON.parse((await etcdctl(['endpoint', 'status', '-w', 'json'])).stdout) as {
    Status: { header: { revision: number } };
  }[];
  const revision = status[0]!.Status.header.revision;
  expect((await etcdctl(['compact', String(revision)])).stdout).toBe(`compacted revision ${revision}\n`);
  expect((await etcdctl(['compact', String(revision)])).stderr).toContain('required revision has been compacted');
  expect((await etcdctl(['get', 'x', `--rev=${revision + 9}`])).stderr).toContain('is a future revision');
  expect((await etcdctl(['defrag'])).stdout).toContain('Finished defragmenting etcd member');
});

test('a snapshot is a database that etcdctl finds whole, secrets as they lie at rest', async () => {
  const { etcdctl, pki, plane } = await start(...LISTEN, ...MUTUAL);
  for (let i = 0; i < 300; i++) plane.keys.put(`other/${i}`, Buffer.alloc(i * 40, 'x'));
  const file = pki.path('snapshot.db');
  expect((await etcdctl(['snapshot', 'save', file])).stdout).toContain(`Snapshot saved at ${file}`);
  expect(await snapshotStatus(file)).toMatchObject({ revision: plane.keys.revision(), totalKey: 305 });
  expect((await readFile(file)).includes('hunter2')).toBe(true);
  const restored = await run('etcdctl', ['snapshot', 'restore', file, `--data-dir=${pki.path('restored')}`], {
    env: { ETCDCTL_API: '3', PATH: '/usr/bin' },
  });
  expect(restored.stderr + restored.stdout).toContain('added member');
});

test('a watch tells what changes in its range, with what was there before', async () => {
  const { connect, plane } = await start(...LISTEN, ...MUTUAL);
  const watching = spawn('etcdctl', [...connect, 'watch', 'a', 'c', '--prev-kv'], {
    env: { ETCDCTL_API: '3', PATH: '/usr/bin' },
  });
  let seen = '';
  const { promise, resolve } = Promise.withResolvers<void>();
  watching.stdout.on('data', (chunk: Buffer) => {
    seen += chunk.toString();
    if (seen.endsWith('DELETE\nb\n2\nb\n\n')) resolve();
  });
  // The watch stands once a first event comes: until then it is written again and again.
  await expect
    .poll(() => {
      plane.keys.put('a', Buffer.from('ready'));
      return seen;
    })
    .not.toBe('');
  plane.keys.put('z', Buffer.from('outside'));
  plane.keys.put('b', Buffer.from('1'));
  plane.keys.put('b', Buffer.from('2'));
  plane.keys.remove('b');
  await promise;
  watching.kill();
  expect(seen).toContain('PUT\nb\n1\nPUT\nb\n1\nb\n2\nDELETE\nb\n2\nb\n\n');
  expect(seen).not.toContain('outside');
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
  expect((await etcdctl(['get', '/registry/secrets/shop/db'], ANYBODY)).stdout).toContain('hunter2');
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
      const message = decode(encode([1, number], [2, bytes], [2, bytes], [15, true]));
      expect([message.big(1), message.bytes(2), message.flag(15), message.has(3)]).toEqual([
        BigInt.asIntN(64, number),
        Buffer.from(bytes),
        true,
        false,
      ]);
    },
  );
  fc.assert(roundTrip);
  expect(() => decode(Buffer.from([0x0a, 0xff, 0x01]))).toThrow(RangeError);
});

const PEERS = [
  '--listen-peer-urls=https://10.10.0.10:2380',
  '--peer-cert-file=/pki/server.crt',
  '--peer-key-file=/pki/server.key',
  '--peer-trusted-ca-file=/pki/ca.crt',
];

test('its metrics are told over plain HTTP, and its peers let nobody in who is none', async () => {
  const { host, pki } = await start(...LISTEN, ...MUTUAL, ...PEERS, '--listen-metrics-urls=http://127.0.0.1:2381');
  const curl = async (...args: string[]) =>
    (
      await run('curl', ['-s', '--cacert', pki.path('ca.crt'), ...args]).catch((error: { code: number }) => ({
        stdout: `status ${error.code}`,
      }))
    ).stdout;
  const metrics = `http://127.0.0.1:${host.portOf(2381)}`;
  expect(await curl(`${metrics}/livez`)).toBe('ok\n');
  expect(await curl(`${metrics}/readyz?verbose`)).toContain('[+]data_corruption ok\n');
  expect(await curl(`${metrics}/metrics`)).toContain('etcd_server_is_leader 1\n');
  expect(await curl(`${metrics}/pods`)).toBe('404 page not found\n');
  const peers = `https://127.0.0.1:${host.portOf(2380)}`;
  expect(await curl(`${peers}/version`)).toMatch(/^status (?:35|52|56)$/);
  const peer = ['--cert', pki.path('client.crt'), '--key', pki.path('client.key')];
  expect(await curl(...peer, `${peers}/version`)).toContain('"etcdserver"');
  expect(await curl(...peer, `${peers}/health`)).toBe('404 page not found\n');
});

test('a certificate for its peers that is not there keeps it down when it is started again', async () => {
  const { host, plane } = await start(...LISTEN, ...MUTUAL);
  const daemon = etcdDaemon(host, plane.keys, realClock);
  const again = (...flags: string[]) =>
    daemon.start({
      argv: ['etcd', '--listen-client-urls=http://127.0.0.1:12379', ...flags],
      environment: {},
      log: () => {},
      exited: () => {},
      ...host.newDaemon(),
    });
  expect(await again('--listen-peer-urls=http://127.0.0.1:12380')).toBeUndefined();
  await daemon.stop();
  const none = PEERS.map((flag) => flag.replace('server.crt', 'none.crt'));
  expect(await again(...none)).toEqual({
    status: 1,
    lines: ['{"level":"fatal","msg":"discovery failed","error":"open /pki/none.crt: no such file or directory"}'],
  });
});
