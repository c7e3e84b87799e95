import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { LabError } from '../../cluster.ts';
import { checkedKind, isOlder } from './kind-program.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kind-program-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function program(name: string, script: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
  return path;
}

const checked = (path: string) => checkedKind(path, {}, AbortSignal.timeout(10_000));

test('a kind that is new enough is taken with its version', async () => {
  const path = await program('good', '[ "$*" = "version -q" ] && echo 0.33.0');
  await expect(checked(path)).resolves.toEqual({ path, version: '0.33.0' });
});

test.each([
  ['old', 'echo 0.20.0', /is kind 0\.20\.0, and labs need 0\.30\.0/],
  ['other', 'echo hello', /is not kind: .*hello/],
  ['failing', 'exit 3', /ended with status 3/],
])('an executable that is %s is refused in words', async (name, script, message) => {
  const refusal = await checked(await program(name, script)).catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(LabError);
  expect(refusal).toMatchObject({
    message: expect.stringMatching(message),
    nextStep: expect.stringContaining('BREACHLAB_KIND'),
  });
});

test('an executable that is not there is refused in words', async () => {
  await expect(checked(join(folder, 'absent'))).rejects.toThrow(/absent cannot be asked.*ENOENT/);
});

test.each([
  ['0.29.9', '0.30.0', true],
  ['0.30.0', '0.30.0', false],
  ['0.33.0-alpha+1', '0.30.0', false],
  ['1.0.0', '0.30.0', false],
])('%s comes before %s: %s', (version, than, older) => {
  expect(isOlder(version, than)).toBe(older);
});
