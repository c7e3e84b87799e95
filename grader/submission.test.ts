import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { FakeApiServer, FakeLab } from './fake-lab.ts';
import { applySubmission } from './submission.ts';

const { signal } = new AbortController();
let api: FakeApiServer;
let directory: string;
beforeAll(async () => {
  api = await FakeApiServer.start();
});
afterAll(() => api[Symbol.asyncDispose]());
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'submission-'));
});
afterEach(() => rm(directory, { recursive: true }));

async function put(path: string, content: string, mode = 0o644): Promise<void> {
  await mkdir(dirname(join(directory, path)), { recursive: true });
  await writeFile(join(directory, path), content, { mode });
}

type Files = Record<string, { content: string; mode: number }>;

function lab(
  exec: (argv: readonly string[]) => { exitCode: number; stdout?: string },
  node: Files = {},
  workstation: Files = {},
): FakeLab {
  return new FakeLab(api, {
    hosts: { workstation: { files: workstation, exec: async (argv) => exec(argv) }, node01: { files: node } },
  });
}

it('lays files over, applies manifests, then runs fix.sh on the workstation', async () => {
  await put('hosts/node01/etc/docker/daemon.json', '{}');
  await put('hosts/node01/opt/run', 'x', 0o755);
  await put('manifests/a.yaml', 'kind: A');
  await put('manifests/notes.txt', 'not applied');
  await put('fix.sh', 'echo hi');
  const [calls, node, workstation]: [string[], Files, Files] = [[], {}, {}];
  const applied = await applySubmission(
    directory,
    lab((argv) => (calls.push(argv.join(' ')), { exitCode: 0, stdout: 'done' }), node, workstation),
    signal,
  );
  expect(calls).toEqual(['kubectl apply --recursive -f /root/submission/manifests', 'bash /root/fix.sh']);
  expect(node).toEqual({
    '/etc/docker/daemon.json': { content: '{}', mode: 0o644 },
    '/opt/run': { content: 'x', mode: 0o755 },
  });
  expect(Object.keys(workstation)).toEqual(['/root/submission/manifests/a.yaml', '/root/fix.sh']);
  expect(applied.steps.map(({ name, exitCode }) => [name, exitCode])).toEqual([
    ['hosts', 0],
    ['manifests', 0],
    ['fix.sh', 0],
  ]);
});

it('tells of a fix that failed, and goes on', async () => {
  await put('manifests/a.yaml', 'kind: A');
  await put('fix.sh', 'exit 3');
  const applied = await applySubmission(
    directory,
    lab(() => ({ exitCode: 3, stdout: 'no such thing' })),
    signal,
  );
  expect(applied.steps).toEqual([
    { name: 'manifests', exitCode: 3, output: 'no such thing' },
    { name: 'fix.sh', exitCode: 3, output: 'no such thing' },
  ]);
});

describe('refuses', () => {
  const idle = () => lab(() => ({ exitCode: 0 }));
  it.each<[string, () => Promise<unknown>, string]>([
    ['a folder without a fix', () => put('README.md', 'hello'), 'there is no submission in'],
    [
      'a symlink, which would hand out a file of this machine',
      async () => {
        await put('hosts/node01/etc/x', '');
        await symlink('/etc/shadow', join(directory, 'hosts/node01/etc/y'));
      },
      'it is a symbolic link',
    ],
    ['a file without end', () => put('fix.sh', 'x'.repeat(1024 * 1024 + 1)), 'larger than 1048576 bytes'],
    [
      'folders without end',
      () => Promise.all(Array.from({ length: 500 }, (_, i) => mkdir(join(directory, String(i))))),
      'makes it more than 500 folders',
    ],
    [
      'a name that is no text',
      () => writeFile(Buffer.concat([Buffer.from(`${directory}/a`), Buffer.from([0xfe])]), ''),
      'has a name that is not UTF-8',
    ],
    ['a file of no host', () => put('hosts/mars/etc/x', ''), 'must lie under a host: workstation'],
  ])('%s', async (_, make, words) => {
    await make();
    await expect(applySubmission(directory, idle(), signal)).rejects.toThrow(words);
  });

  it('a file where there can be none, by its host and path', async () => {
    await put('hosts/node01/etc', '');
    const node: Files = {};
    Object.freeze(node); // a fake host's way not to be written
    await expect(
      applySubmission(
        directory,
        lab(() => ({ exitCode: 0 }), node),
        signal,
      ),
    ).rejects.toThrow('node01:/etc could not be laid there: ');
  });
});
