// oxlint-disable vitest/expect-expect -- the expectations are those of `complains`
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, test } from 'vitest';
import { type CommandLine, PROJECT } from './command-line.ts';
import { commandLine, complains, taken } from './complaint.ts';

/** What goes wrong for people: what they type. */

let line: CommandLine;
beforeEach(async () => void (line = await commandLine()));

describe('what is typed wrong', () => {
  test.each([
    ['up', ['up', '--scenario', 'breech']],
    ['lab run', ['lab', 'run', '--scenario', 'breech', '--', 'true']],
    ['verify', ['verify', 'breech']],
    ['grade', ['grade', '--scenario', 'breech', '.']],
  ])('%s names the scenarios there are', async (_, args) => {
    await complains(line, args, { what: /^there is no scenario "breech"/, next: /^Choose one of: blank, breach\b/ });
  });

  test('a backend that there is not', async () => {
    const expected = { what: /^There is no backend "docker"/, next: /--backend simulated, or kind/ };
    await complains(line, ['up', '--backend', 'docker'], expected);
    await complains(line, ['lab', 'run', '--backend', 'docker', '--', 'true'], expected);
  });

  test('kind without Docker, before anything is fetched', async () => {
    const env = { DOCKER_HOST: `unix://${line.path('no.sock')}` };
    const expected = { what: /there is no Docker on this machine, or it is not running/, next: /Install Docker/ };
    await complains(line, ['up', '--backend', 'kind'], expected, { env });
    await complains(line, ['verify', 'blank', '--backend', 'kind'], expected, { env });
  });

  test.each([
    [['--image', 'nginx=other'], /pulls no images/, /--backend kind/],
    [['--backend', 'kind', '--image', 'workstaton=x'], /there is no image "workstaton"/, /workstation/],
    [['--backend', 'kind', '--registry-mirror', 'nowhere'], /no address of a registry/, /https:/],
    [['--backend', 'kind', '--api-port', '1'], /scenario’s affair/, /--api-port/],
  ])('what %j says of images and clusters', async (flags, what, next) => {
    await complains(line, ['lab', 'run', ...flags, '--', 'true'], { what, next });
  });

  test('a directory without scenarios', async () => {
    await complains(line, ['verify', '--scenarios', 'nowhere'], {
      what: /nowhere cannot be read: ENOENT/,
      next: /scenario\.yaml/,
    });
  });

  test('a submission that does not exist, and one that is a file', async () => {
    await writeFile(line.path('scratch', 'fix.sh'), 'true');
    const grade = (what: string) => ['grade', '--scenario', 'breach', join(PROJECT, 'scenarios/breach/solution'), what];
    await complains(line, grade('nobody'), { what: 'There is no submission nobody.', next: /fix\.sh/ });
    await complains(line, grade('fix.sh'), { what: 'The submission fix.sh is not a folder.', next: /fix\.sh/ });
  });

  test('a submission of verify that the scenario does not have', async () => {
    await complains(line, ['verify', 'breach', '--only', 'wrong/one'], {
      what: /no submission "wrong\/one"/,
      next: /wrong\/docker-stopped/,
    });
  });

  test('a token file that cannot be read', async () => {
    const what = /^The token file tokens\.csv cannot be read/;
    await complains(line, ['lab', 'run', '--token-file', 'tokens.csv', '--', 'true'], { what, next: /--token-file/ });
  });

  test.each([
    ['a command that there is not', ['labs'], /unknown command 'labs'/, './breachlab --help'],
    ['one that there is not below another', ['lab', 'chekc'], /unknown command 'chekc'/, './breachlab lab --help'],
    ['a port in hexadecimal', ['up', '--port', '0x50'], /is a number from 0 to 65535/, './breachlab up --help'],
    ['a port that there is not', ['up', '--port', '99999'], /is a number from 0 to 65535/, './breachlab up --help'],
    [
      'a port that looks like an option',
      ['up', '--port', '-1'],
      /is a number from 0 to 65535/,
      './breachlab up --help',
    ],
    ['nothing where a lab is to be named', ['lab', 'shell'], /missing required/, './breachlab lab shell --help'],
  ])('%s leads to the help of its command', async (_, args, what, help) => {
    await complains(line, args, { what, next: `See ${help}` });
  });
});

describe('labs of a server', () => {
  test.each([
    ['list', ['lab', 'list']],
    ['check', ['lab', 'check', 'aaaaaaaaaa']],
    ['create', ['lab', 'create']],
  ])('lab %s without a server says how to start one', async (_, args) => {
    await complains(line, args, { what: 'No server of yours is running.', next: /\.\/breachlab up$/ });
  });

  test('a note about a server that is gone, or that is no note, is told as such', async () => {
    const server = await taken();
    server[Symbol.dispose]();
    await mkdir(line.path('elsewhere'));
    const env = { BREACHLAB_DATA: line.path('elsewhere') };
    await writeFile(
      line.path('elsewhere', 'server.json'),
      JSON.stringify({ origin: `http://127.0.0.1:${server.port}`, token: 'x' }),
    );
    await complains(line, ['lab', 'list'], { what: /does not answer/, next: /\.\/breachlab up$/ }, { env });
    await writeFile(line.path('elsewhere', 'server.json'), '{');
    await complains(line, ['lab', 'list'], { what: /cannot be read/, next: /\.\/breachlab up$/ }, { env });
  });
});
