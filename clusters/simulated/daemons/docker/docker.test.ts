import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { realClock } from '../../clock.ts';
import { FolderHost } from '../folder-host.ts';
import { packageEntries } from '../packages.ts';
import { Journal } from '../systemd/journal.ts';
import { journalctl } from '../systemd/journalctl.ts';
import { systemctl } from '../systemd/systemctl.ts';
import { UnitManager } from '../systemd/unit-manager.ts';
import { DOCKER_UNIT } from '../systemd/vendor-units.ts';
import { makeTestPki } from '../test-pki.ts';
import { dockerCommand } from './docker-command.ts';
import { dockerd } from './dockerd.ts';
import { Engine } from './engine.ts';
import { jsonComplaint } from './json-complaint.ts';

const run = promisify(execFile);
let resources: AsyncDisposableStack;
beforeEach(() => {
  resources = new AsyncDisposableStack();
});
afterEach(() => resources.disposeAsync());

const NO_FLAGS = '[Service]\nExecStart=\nExecStart=/usr/bin/dockerd\n';
const created = new Date('2026-11-20T00:00:00Z');

async function node(files: Record<string, string> = {}) {
  const host = resources.use(
    await FolderHost.create('node01', { '/etc/secret': 'flag\n', ...files }, packageEntries(['docker'])),
  );
  const engine = new Engine({
    host,
    clock: realClock,
    images: [{ reference: 'alpine:latest', bytes: 7_800_000, created }],
    containers: [
      {
        name: 'registry',
        image: 'registry:2',
        argv: ['/entrypoint.sh'],
        created,
        privileged: false,
        binds: [],
        state: 'running',
        exitCode: 0,
      },
    ],
  });
  const journal = new Journal(realClock);
  const daemon = dockerd(host, engine);
  const manager = resources.use(
    await UnitManager.boot({
      host,
      vendor: [DOCKER_UNIT],
      daemons: { dockerd: () => daemon },
      journal,
      clock: realClock,
    }),
  );
  await host.installCommand('systemctl', systemctl(manager, realClock));
  await host.installCommand('journalctl', journalctl(manager, realClock));
  await host.installCommand(
    'docker',
    dockerCommand(host, (path) => daemon.connectUnix(path), realClock),
  );
  return host;
}

/** curl fails where a connection is refused; what it printed is the fact. */
async function curl(...args: string[]): Promise<{ stdout: string; stderr: string }> {
  try {
    return await run('curl', ['-sS', '--max-time', '10', ...args]);
  } catch (error) {
    return error as { stdout: string; stderr: string };
  }
}

test('as packaged it serves its Unix socket alone', async () => {
  const host = await node();
  expect((await curl('--unix-socket', host.pathOf('/run/docker.sock'), 'http://d/_ping')).stdout).toBe('OK');
  expect(host.portOf(2375)).toBeUndefined();
  const ps = await host.call('docker', ['ps']);
  expect(ps.stdout).toMatch(
    /^CONTAINER ID +IMAGE +COMMAND .*\n[0-9a-f]{12} +registry:2 +"\/entrypoint\.sh" .* registry\n$/,
  );
});

test('an open TCP port hands the host to whoever reaches it', async () => {
  const host = await node({
    '/etc/systemd/system/docker.service.d/tcp.conf': NO_FLAGS,
    '/etc/docker/daemon.json': '{"hosts": ["fd://", "tcp://0.0.0.0:2375"]}',
  });
  expect(JSON.parse((await curl(`http://127.0.0.1:${host.portOf(2375)}/v1.41/version`)).stdout)).toMatchObject({
    Version: '26.1.5',
  });
  const attack = [
    '-H',
    'tcp://node01:2375',
    'run',
    '--rm',
    '-v',
    '/:/host',
    'alpine',
    'chroot',
    '/host',
    'cat',
    '/etc/secret',
  ];
  expect(await host.call('docker', attack)).toEqual({ code: 0, stdout: 'flag\n', stderr: '' });
  expect((await host.call('docker', ['ps', '-aq'])).stdout.split('\n')).toHaveLength(2);
  expect((await host.call('journalctl', ['-u', 'docker', '-o', 'cat'])).stdout).toContain(
    'Binding to IP address without --tlsverify is insecure',
  );

  await host.write('/etc/docker/daemon.json', '{"hosts": ["fd://"]}');
  expect((await host.call('systemctl', ['restart', 'docker'])).code).toBe(0);
  expect(await host.call('docker', ['-H', 'tcp://node01:2375', 'ps'])).toMatchObject({
    code: 1,
    stderr: 'Cannot connect to the Docker daemon at tcp://node01:2375. Is the docker daemon running?\n',
  });
});

test('tlsverify lets a client in with a certificate of the CA and nobody else', async () => {
  const pki = await makeTestPki(resources);
  const host = await node({
    '/etc/systemd/system/docker.service.d/tcp.conf': NO_FLAGS,
    '/etc/docker/daemon.json': JSON.stringify({
      hosts: ['fd://', 'tcp://0.0.0.0:2376'],
      tlsverify: true,
      tlscacert: '/etc/docker/ca.pem',
      tlscert: '/etc/docker/cert.pem',
      tlskey: '/etc/docker/key.pem',
    }),
    '/etc/docker/ca.pem': pki.text('ca.crt'),
    '/etc/docker/cert.pem': pki.text('server.crt'),
    '/etc/docker/key.pem': pki.text('server.key'),
  });
  const port = host.portOf(2376);
  const pair = ['--cert', pki.path('client.crt'), '--key', pki.path('client.key')];
  expect((await curl('--cacert', pki.path('ca.crt'), ...pair, `https://127.0.0.1:${port}/_ping`)).stdout).toBe('OK');
  expect((await curl('--cacert', pki.path('ca.crt'), `https://127.0.0.1:${port}/_ping`)).stdout).toBe('');
  expect((await host.call('docker', ['-H', 'tcp://node01:2376', 'ps'])).stderr).toBe(
    'Error response from daemon: Client sent an HTTP request to an HTTPS server.\n',
  );
});

describe('a configuration that dockerd refuses keeps it down, with its words in the journal', () => {
  const prefix = 'unable to configure the Docker daemon with file /etc/docker/daemon.json: ';
  test.each([
    [
      '{"hosts": ["tcp://0.0.0.0:2375", "fd://"]}',
      `${prefix}the following directives are specified both as a flag and in the configuration file: hosts: (from flag: [fd://], from file: [tcp://0.0.0.0:2375 fd://])`,
    ],
    ['{"icc": false, "frob": 1}', `${prefix}the following directives don't match any configuration option: frob`],
    ['{"icc": false,}', `${prefix}invalid character '}' looking for beginning of object key string`],
    ['{"icc": "no"}', `${prefix}json: cannot unmarshal string into Go struct field Config.icc of type bool`],
    [
      '{"tlsverify": true}',
      'invalid TLS configuration: could not load X509 key pair (cert: "/root/.docker/cert.pem", key: "/root/.docker/key.pem"): open /root/.docker/cert.pem: no such file or directory',
    ],
  ])('%s', async (json, words) => {
    const host = await node();
    await host.write('/etc/docker/daemon.json', json);
    expect((await host.call('systemctl', ['restart', 'docker'])).code).toBe(1);
    expect((await host.call('systemctl', ['is-active', 'docker'])).stdout).toBe('failed\n');
    expect((await host.call('journalctl', ['-u', 'docker', '-o', 'cat'])).stdout.split('\n')).toContain(words);
    expect((await host.call('docker', ['ps'])).stderr).toContain('Is the docker daemon running?');
  });
});

test('what the engine does not model it refuses in words', async () => {
  const host = await node();
  expect((await host.call('docker', ['run', 'alpine', 'true'])).stderr).toContain(
    'Error response from daemon: not simulated: this container.',
  );
  expect((await host.call('docker', ['run', 'nginx'])).stderr).toBe(
    'Error response from daemon: No such image: nginx:latest\n',
  );
  expect((await host.call('docker', ['build', '.'])).stderr).toContain('not simulated: docker build');
  expect((await curl('--unix-socket', host.pathOf('/run/docker.sock'), 'http://d/v1.45/volumes')).stdout).toBe(
    '{"message":"not simulated: GET /volumes"}\n',
  );
});

test.each([
  ['{}', undefined],
  ['{"a":[1,2.5,-3e4,"x\\"y",true,null]}', undefined],
  ['', 'unexpected EOF'],
  ['{"a":1', 'unexpected EOF'],
  ['{"a" 1}', "invalid character '1' after object key"],
  ['{"a":1 "b":2}', "invalid character '\"' after object key:value pair"],
  ['[1 2]', "invalid character '2' after array element"],
  ["{'a':1}", "invalid character '\\'' looking for beginning of object key string"],
  ['{} x', "invalid character 'x' after top-level value"],
])('reads %j as Go does', (text, complaint) => {
  expect(jsonComplaint(text)).toBe(complaint);
});
