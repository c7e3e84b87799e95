import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { initProgram } from './init-program.ts';

const architecture = process.arch === 'arm64' ? 'arm64' : 'x64';

test.skipIf(process.arch !== architecture)('process 1 of a host sleeps until it is killed', async () => {
  await using folder = new AsyncDisposableStack();
  const path = await mkdtemp(join(tmpdir(), 'breachlab-init-'));
  folder.defer(() => rm(path, { recursive: true }));
  const file = join(path, 'init');
  await writeFile(file, initProgram(architecture), { mode: 0o700 });
  const program = spawn(file, { stdio: 'ignore' });
  await once(program, 'spawn');
  const state = async () => (await readFile(`/proc/${program.pid ?? 0}/status`, 'utf8')).match(/^State:\t(.)/m)?.[1];
  await expect.poll(state).toBe('S');
  program.kill('SIGTERM');
  await expect(once(program, 'exit')).resolves.toEqual([null, 'SIGTERM']);
});

test.each(['x64', 'arm64'] as const)('process 1 of a host is a whole program on %s', (architecture) => {
  const file = initProgram(architecture);
  expect(file.subarray(0, 4).toString('latin1')).toBe('\u007fELF');
  expect(file.readBigUInt64LE(64 + 32)).toBe(BigInt(file.length));
});
