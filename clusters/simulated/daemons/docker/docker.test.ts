import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { realClock } from '../../clock.ts';
import { FolderHost } from '../folder-host.ts';
import { packageEntries, unitsOf } from '../packages.ts';
import { Journal } from '../systemd/journal.ts';
import { journalctl } from '../systemd/journalctl.ts';
import { systemctl } from '../systemd/systemctl.ts';
import { UnitManager } from '../systemd/unit-manager.ts';
import { makeTestPki } from '../test-pki.ts';
import { IMAGES } from '../../images/table.ts';
import { dockerCommand } from './client/docker-command.ts';
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
async function node(files: Record<string, string> = {}) {
  const host = resources.use(
    await FolderHost.create('node01', { '/etc/secret': 'flag\n', ...files }, packageEntries(['docker'])),
  );
  const engine = new Engine({
    host,
    clock: realClock,
    images: IMAGES,
    present: ['alpine'],
    sandboxes: () => Promise.reject(new Error('not simulated: containers here')),
    fault: () => undefined,
  });
  const journal = new Journal(realClock);
  const daemon = dockerd(host, engine, realClock);
  const manager = resources.use(
    await UnitManager.boot({
      host,
      vendor: unitsOf('docker'),
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
  expect((await host.call('docker', ['ps'])).stdout).toBe(
    'CONTAINER ID   IMAGE   COMMAND   CREATED   STATUS   PORTS   NAMES\n',
  );
});

test('an open TCP port answers whoever reaches it, and the journal warns of it', async () => {
  const host = await node({
    '/etc/systemd/system/docker.service.d/tcp.conf': NO_FLAGS,
    '/etc/docker/daemon.json': '{"hosts": ["fd://", "tcp://0.0.0.0:2375"]}',
  });
  expect(JSON.parse((await curl(`http://127.0.0.1:${host.portOf(2375)}/v1.41/version`)).stdout)).toMatchObject({
    Version: '26.1.5',
  });
  expect(await host.call('docker', ['-H', 'tcp://node01:2375', 'images', '-q'])).toMatchObject({ code: 0, stderr: '' });
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
  const refused = [
    [['run', 'alpine', 'true'], 'docker: Error response from daemon: not simulated: containers here.'],
    [['run', '--gpus', 'all', 'alpine'], 'not simulated: --gpus of docker run'],
    [['run', '--network', 'container:web', 'alpine'], 'not simulated: the network container:web'],
    [['run', '-p', '53:53/udp', 'alpine'], 'not simulated: publishing udp ports'],
    [['network', 'create', 'mine'], 'not simulated: docker network create'],
    [['image', 'save', 'alpine'], 'not simulated: docker save'],
  ] as const;
  for (const [words, text] of refused) expect((await host.call('docker', words)).stderr).toContain(text);
  expect((await curl('--unix-socket', host.pathOf('/run/docker.sock'), 'http://d/v1.45/plugins')).stdout).toBe(
    '{"message":"not simulated: GET /plugins"}\n',
  );
});

test.each([
  [['run'], 1, '"docker run" requires at least 1 argument.'],
  [['run', '--nonsense', 'alpine'], 125, "unknown flag: --nonsense\nSee 'docker run --help'.\n"],
  [['ps', '-z'], 125, "unknown shorthand flag: 'z' in -z\nSee 'docker ps --help'.\n"],
  [['run', '--name'], 125, "flag needs an argument: --name\nSee 'docker run --help'.\n"],
  [['run', '--rm=perhaps', 'alpine'], 125, 'invalid argument "perhaps" for "--rm" flag: strconv.ParseBool'],
  [['frobnicate'], 1, "docker: 'frobnicate' is not a docker command.\nSee 'docker --help'\n"],
  [['inspect', 'nobody'], 1, 'Error: No such object: nobody\n'],
  [['logs', 'nobody'], 1, 'Error response from daemon: No such container: nobody\n'],
  [['run', '--name', '-x', 'alpine'], 125, 'Invalid container name (-x), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed'],
  [['run', '-v', 'x:y', 'alpine'], 125, 'mount path must be absolute'],
  [['pull', 'nginx:9'], 1, 'manifest for nginx:9 not found: manifest unknown: manifest unknown\n'],
  [['run', 'nobody/nothing'], 125, 'pull access denied for nobody/nothing, repository does not exist'],
])('docker %j ends with %i and the words of the real one', async (words, code, text) => {
  const said = await (await node()).call('docker', words);
  expect(said.code).toBe(code);
  expect(said.stderr).toContain(text);
});

test('a command that is none, and a group of commands, are told as docker tells them', async () => {
  const host = await node();
  expect(await host.call('docker', ['compose', 'up'])).toMatchObject({
    code: 1,
    stderr: "docker: 'compose' is not a docker command.\nSee 'docker --help'\n",
  });
  expect((await host.call('docker', ['network'])).stdout).toMatch(
    /^Usage: {2}docker network COMMAND\n\nCommands:\n {2}inspect .*\n {2}ls /,
  );
  expect(await host.call('docker', ['network', 'frob'])).toMatchObject({ code: 1, stdout: '' });
  expect((await host.call('docker', ['help', 'images'])).stdout).toMatch(/^Usage: {2}docker images /);
  expect((await host.call('docker', ['context', 'ls', '--format', '{{.DockerEndpoint}}'])).stdout).toBe(
    'unix:///var/run/docker.sock\n',
  );
});

test('the API speaks its versions, and knows what it is not asked for', async () => {
  const host = await node();
  const get = async (path: string) =>
    (await curl('--unix-socket', host.pathOf('/run/docker.sock'), `http://d${path}`)).stdout;
  expect(await get('/v1.41/containers/json')).toBe('[]\n');
  expect(await get('/v1.99/info')).toContain('client version 1.99 is too new. Maximum supported API version is 1.45');
  expect(await get('/v1.9/info')).toContain('client version 1.9 is too old. Minimum supported API version is 1.24');
  expect(await get('/nonsense')).toBe('{"message":"page not found"}\n');
});

test('lists are narrowed by filters, and a wrong one is told', async () => {
  const host = await node();
  const docker = (...words: string[]) => host.call('docker', words);
  expect((await docker('images', '-qf', 'reference=al*')).stdout).toMatch(/^[0-9a-f]{12}\n$/);
  expect((await docker('images', '-qf', 'dangling=true')).stdout).toBe('');
  expect((await docker('ps', '-f', 'name')).stderr).toContain('bad format of filter (expected name=value)');
  expect((await docker('ps', '-f', 'colour=red')).stderr).toBe("Error response from daemon: invalid filter 'colour'\n");
  expect((await docker('ps', '-f', 'health=healthy')).stderr).toContain('not simulated: the filter health');
});

test('images come from the registries of the lab and go again', async () => {
  const host = await node();
  const docker = async (...words: string[]) => (await host.call('docker', words)).stdout;
  expect(await docker('pull', 'nginx')).toMatch(
    /^Using default tag: latest\nlatest: Pulling from library\/nginx\n[0-9a-f]{12}: Pulling fs layer\n[\s\S]*Status: Downloaded newer image for nginx:latest\ndocker\.io\/library\/nginx:latest\n$/,
  );
  expect(await docker('pull', '-q', 'nginx:1.27')).toBe('docker.io/library/nginx:1.27\n');
  expect(await docker('images', '--format', '{{.Repository}}:{{.Tag}}')).toBe(
    'alpine:latest\nnginx:latest\nnginx:1.27\n',
  );
  expect(await docker('image', 'inspect', 'nginx', '--format', '{{json .Config.Cmd}}')).toBe(
    '["nginx","-g","daemon off;"]\n',
  );
  expect(await docker('rmi', 'nginx')).toMatch(/^Untagged: nginx:latest\n[\s\S]*Deleted: sha256:[0-9a-f]{64}\n$/);
  expect(await docker('images', '-q')).toMatch(/^[0-9a-f]{12}\n[0-9a-f]{12}\n$/);
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
