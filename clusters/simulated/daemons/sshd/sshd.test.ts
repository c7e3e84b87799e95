import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { realClock } from '../../clock.ts';
import { FolderHost } from '../folder-host.ts';
import { packageEntries } from '../packages.ts';
import { Journal } from '../systemd/journal.ts';
import { journalctl } from '../systemd/journalctl.ts';
import { systemctl } from '../systemd/systemctl.ts';
import { UnitManager } from '../systemd/unit-manager.ts';
import { SSH_UNIT } from '../systemd/vendor-units.ts';
import { makeSshHostKey } from './host-key.ts';
import { sshdCommand } from './sshd-command.ts';
import { sshd } from './sshd.ts';

const run = promisify(execFile);
const hostKey = makeSshHostKey();

let home: string;
let publicKey: string;
let resources: AsyncDisposableStack;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'ssh-client-'));
  await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(home, 'id')]);
  publicKey = await readFile(join(home, 'id.pub'), 'utf8');
  await writeFile(join(home, 'askpass'), '#!/bin/sh\nprintf %s "$TEST_PASSWORD"\n');
  await chmod(join(home, 'askpass'), 0o755);
});
afterAll(() => rm(home, { recursive: true, force: true }));
beforeEach(() => {
  resources = new AsyncDisposableStack();
});
afterEach(() => resources.disposeAsync());

const PASSWD =
  'root:x:0:0:root:/root:/bin/bash\nalice:x:1000:1000::/root:/bin/bash\nsvc:x:999:999::/:/usr/sbin/nologin\n';
const CONFIG =
  'Include /etc/ssh/sshd_config.d/*.conf\nPermitRootLogin yes\nKbdInteractiveAuthentication no\nUsePAM yes\n';

async function node(config = CONFIG, files: Record<string, string> = {}) {
  const hash = (await run('openssl', ['passwd', '-6', '-salt', 'saltsalt', 'hunter2'])).stdout.trim();
  const host = resources.use(
    await FolderHost.create(
      'node01',
      {
        '/etc/passwd': PASSWD,
        '/etc/group': 'root:x:0:\nwheel:x:10:alice\nalice:x:1000:\n',
        '/etc/shadow': `root:${hash}:1::::::\nalice:${hash}:1::::::\nsvc:${hash}:1::::::\n`,
        '/etc/ssh/sshd_config': config,
        '/root/.ssh/authorized_keys': publicKey,
        ...files,
      },
      packageEntries(['ssh']),
    ),
  );
  const journal = new Journal(realClock);
  let id = 0;
  const server = resources.use(sshd({ host, hostKey, newId: () => `ssh-${++id}` }));
  const daemons = { sshd: () => server };
  const manager = resources.use(
    await UnitManager.boot({ host, vendor: [SSH_UNIT], daemons, journal, clock: realClock }),
  );
  await host.installCommand('systemctl', systemctl(manager, realClock));
  await host.installCommand('journalctl', journalctl(manager, realClock));
  await host.installCommand('sshd', sshdCommand(host));
  return host;
}

const QUIET = [
  '-oStrictHostKeyChecking=no',
  '-oUserKnownHostsFile=/dev/null',
  '-oLogLevel=ERROR',
  '-oIdentitiesOnly=yes',
  '-F/dev/null',
];

async function client(program: string, args: readonly string[], { password = '', stdin = '' } = {}) {
  const env = {
    PATH: '/usr/bin:/bin',
    HOME: home,
    SSH_ASKPASS: join(home, 'askpass'),
    SSH_ASKPASS_REQUIRE: 'force',
    TEST_PASSWORD: password,
  };
  const child = spawn(program, [...QUIET, ...args], { env });
  child.stdin.end(stdin);
  const [stdout, stderr, [code]] = await Promise.all([
    buffer(child.stdout),
    buffer(child.stderr),
    once(child, 'close'),
  ]);
  return { code: Number(code), stdout: stdout.toString(), stderr: stderr.toString() };
}

const ssh = (
  host: FolderHost,
  as: string,
  how: { password?: string; key?: boolean; stdin?: string },
  ...command: string[]
) => {
  const key = how.key === true ? [`-i${join(home, 'id')}`] : ['-oPubkeyAuthentication=no'];
  return client(
    'ssh',
    [...key, '-oNumberOfPasswordPrompts=2', `-p${host.portOf(22) ?? 1}`, `${as}@127.0.0.1`, ...command],
    how,
  );
};

test('lets in with the right password and with an authorized key, and tells the command apart from its output', async () => {
  const host = await node();
  expect(await ssh(host, 'root', { password: 'hunter2' }, 'echo out; echo err >&2; exit 7')).toEqual({
    code: 7,
    stdout: 'out\n',
    stderr: 'err\n',
  });
  expect(await ssh(host, 'alice', { key: true, stdin: 'hello' }, 'tr a-z A-Z; echo " $USER"')).toMatchObject({
    code: 0,
    stdout: 'HELLO alice\n',
  });
  const wrong = await ssh(host, 'root', { password: 'letmein' }, 'true');
  expect(wrong).toMatchObject({
    code: 255,
    stderr: expect.stringContaining('Permission denied (publickey,password).'),
  });
  const { stdout } = await host.call('journalctl', ['-u', 'ssh', '-o', 'cat']);
  expect(stdout).toMatch(/Failed password for root from 127\.0\.0\.1 port \d+ ssh2\n/);
});

test('an interactive login is a shell of its own with a terminal', async () => {
  const host = await node();
  const login = await ssh(host, 'root', { password: 'hunter2', stdin: 'echo $((40+2)); tty; exit 3\n' }, '-tt');
  expect(login.stdout).toMatch(/42\r\n\/dev\/pts\//);
  expect(login.code).toBe(3);
});

test('an edit holds from the reload on and not before', async () => {
  const host = await node();
  await host.write('/etc/ssh/sshd_config', `PasswordAuthentication no\n${CONFIG}`);
  expect((await ssh(host, 'root', { password: 'hunter2' }, 'true')).code).toBe(0);
  expect((await host.call('systemctl', ['reload', 'ssh'])).code).toBe(0);
  expect(await ssh(host, 'root', { password: 'hunter2' }, 'true')).toMatchObject({
    code: 255,
    stderr: expect.stringContaining('(publickey)'),
  });
  expect((await ssh(host, 'root', { key: true }, 'true')).code).toBe(0);
});

test('a login that is open outlives a reload and a restart', async () => {
  const host = await node();
  await host.write('/tmp/go', '');
  const session = ssh(
    host,
    'root',
    { key: true },
    'echo begun > /tmp/begun; while [ -e /tmp/go ]; do sleep 0.05; done; echo still here',
  );
  while ((await host.readFile('/tmp/begun', { maxBytes: 9 })).outcome !== 'read') await new Promise(setImmediate);
  expect((await host.call('systemctl', ['reload', 'ssh'])).code).toBe(0);
  expect((await host.call('systemctl', ['restart', 'ssh'])).code).toBe(0);
  await host.removeFile('/tmp/go');
  expect(await session).toEqual({ code: 0, stdout: 'still here\n', stderr: '' });
});

test('an included file that comes first wins over the main file', async () => {
  const host = await node(`${CONFIG}PasswordAuthentication no\n`, {
    '/etc/ssh/sshd_config.d/50-cloud-init.conf': 'PasswordAuthentication yes\n',
  });
  expect((await ssh(host, 'root', { password: 'hunter2' }, 'true')).code).toBe(0);
  expect((await host.call('sshd', ['-T'])).stdout).toContain('\npasswordauthentication yes\n');
});

test.each([
  {
    name: 'PermitRootLogin no refuses even the key',
    config: 'PermitRootLogin no\n',
    user: 'root',
    password: false,
    key: false,
  },
  {
    name: 'prohibit-password lets root in with a key alone',
    config: 'PermitRootLogin prohibit-password\n',
    user: 'root',
    password: false,
    key: true,
  },
  {
    name: 'a user who is not in AllowUsers stays out',
    config: 'AllowUsers alice\nPermitRootLogin yes\n',
    user: 'root',
    password: false,
    key: false,
  },
  {
    name: 'DenyUsers with an address holds there',
    config: 'DenyUsers alice@127.0.0.0/8\n',
    user: 'alice',
    password: false,
    key: false,
  },
  { name: 'AllowGroups lets a member in', config: 'AllowGroups wheel\n', user: 'alice', password: true, key: true },
  {
    name: 'without PAM, keyboard-interactive does not stand in for a password',
    config: 'PasswordAuthentication no\n',
    user: 'alice',
    password: false,
    key: true,
  },
  {
    name: 'with PAM, keyboard-interactive asks for the password after all',
    config: 'PasswordAuthentication no\nUsePAM yes\n',
    user: 'alice',
    password: true,
    key: true,
  },
  {
    name: 'Match overrides the global section',
    config:
      'PasswordAuthentication no\nKbdInteractiveAuthentication no\nMatch Address 127.0.0.0/8 User a*\n  PasswordAuthentication yes\n',
    user: 'alice',
    password: true,
    key: true,
  },
  {
    name: 'a Match that does not hold changes nothing',
    config: 'Match Address 10.0.0.0/8\n  PasswordAuthentication no\n',
    user: 'alice',
    password: true,
    key: true,
  },
])('$name', async ({ config, user, password, key }) => {
  const host = await node(config);
  const byPassword = await ssh(host, user, { password: 'hunter2' }, 'true');
  const byKey = await ssh(host, user, { key: true }, 'true');
  expect({ password: byPassword.code === 0, key: byKey.code === 0 }).toEqual({ password, key });
});

test.each([
  [
    'Foo bar\n',
    '/etc/ssh/sshd_config: line 1: Bad configuration option: Foo\n/etc/ssh/sshd_config: terminating, 1 bad configuration options\n',
  ],
  ['\nPermitRootLogin nope\n', '/etc/ssh/sshd_config line 2: unsupported option "nope".\n'],
  ['Match User bob\nPort 23\n', "/etc/ssh/sshd_config line 2: Directive 'Port' is not allowed within a Match block\n"],
  ['PermitRootLogin\n', '/etc/ssh/sshd_config line 1: PermitRootLogin missing argument.\n'],
  [
    'AuthenticationMethods publickey,password\n',
    '/etc/ssh/sshd_config line 1: not simulated: AuthenticationMethods publickey,password; remove it\n',
  ],
])('a broken configuration keeps sshd down with its own words: %j', async (config, words) => {
  const host = await node();
  await host.write('/etc/ssh/sshd_config', config);
  expect(await host.call('sshd', ['-t'])).toMatchObject({ code: 255, stderr: words });
  expect((await host.call('systemctl', ['reload', 'ssh'])).code).toBe(1);
  expect((await ssh(host, 'root', { password: 'hunter2' }, 'true')).code).toBe(0);
  expect((await host.call('systemctl', ['restart', 'ssh'])).code).toBe(1);
  expect(host.portOf(22)).toBeUndefined();
  expect((await host.call('journalctl', ['-u', 'ssh', '-o', 'cat'])).stdout).toContain(words);
});

test('Port moves the listener', async () => {
  const host = await node('Port 2222\n');
  expect([host.portOf(22), host.portOf(2222)]).toEqual([undefined, expect.any(Number)]);
});

test('scp -O copies both ways, and sftp is refused', async () => {
  const host = await node();
  const port = `-P${host.portOf(22)}`;
  const file = join(home, 'file');
  await writeFile(file, 'x'.repeat(100_000));
  const up = await client('scp', ['-O', port, `-i${join(home, 'id')}`, file, 'root@127.0.0.1:/tmp/copy']);
  expect(up).toMatchObject({ code: 0, stderr: '' });
  const down = await client('scp', ['-O', port, `-i${join(home, 'id')}`, 'root@127.0.0.1:/tmp/copy', `${file}.back`]);
  expect(down).toMatchObject({ code: 0, stderr: '' });
  expect(await readFile(`${file}.back`, 'utf8')).toBe('x'.repeat(100_000));
});

test('keys that others may write are not trusted, a forced command replaces the asked one, and nologin keeps out', async () => {
  const host = await node(CONFIG, { '/root/.ssh/authorized_keys': `command="echo forced" ${publicKey}` });
  expect(await ssh(host, 'root', { key: true }, 'id')).toMatchObject({ code: 0, stdout: 'forced\n' });
  expect((await ssh(host, 'svc', { password: 'hunter2' }, 'id')).stdout).toContain(
    'This account is currently not available.',
  );
  await host.write('/root/.ssh/authorized_keys', publicKey, 0o666);
  await chmod(host.pathOf('/root/.ssh/authorized_keys'), 0o666);
  expect((await ssh(host, 'root', { key: true }, 'id')).code).toBe(255);
});

test('too many wrong guesses end the connection', async () => {
  const host = await node(`MaxAuthTries 2\n${CONFIG}`);
  await ssh(host, 'root', { password: 'no' }, 'true');
  const { stdout } = await host.call('journalctl', ['-u', 'ssh', '-o', 'cat']);
  expect(stdout.match(/Failed password/g)).toHaveLength(2);
  expect(stdout).toContain('maximum authentication attempts exceeded');
});
