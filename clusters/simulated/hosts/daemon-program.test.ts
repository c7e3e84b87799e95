import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { daemonProgram } from './daemon-program.ts';

const architecture = process.arch === 'arm64' ? 'arm64' : 'x64';

/** Perl blocks signals for a program that it becomes: rt_sigprocmask(SIG_SETMASK, all, NULL, 8). It says so before it does. */
const BLOCKED = `my $all = "\\xff" x 8; syscall(${architecture === 'x64' ? 14 : 135}, 2, $all, 0, 8); syswrite(STDOUT, "!"); exec { $ARGV[0] } @ARGV`;

async function programFile(client: string): Promise<AsyncDisposable & { readonly path: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'breachlab-daemon-'));
  const path = join(folder, 'kubelet');
  await writeFile(path, daemonProgram(architecture, client), { mode: 0o700 });
  return { path, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
}

test.skipIf(process.arch !== architecture)('a daemon tells of its signals and outlives all but SIGKILL', async () => {
  await using file = await programFile('/bin/false');
  const program = spawn('/usr/bin/perl', ['-e', BLOCKED, file.path], { stdio: ['ignore', 'pipe', 'ignore'] });
  await once(program.stdout, 'data');
  for (const [signal, number] of [
    ['SIGTERM', 15],
    ['SIGHUP', 1],
    ['SIGCHLD', 17],
  ] as const) {
    program.kill(signal);
    const [told] = (await once(program.stdout, 'data')) as [Buffer];
    expect([...told]).toEqual([number]);
  }
  program.kill('SIGKILL');
  await expect(once(program, 'exit')).resolves.toEqual([null, 'SIGKILL']);
});

test.skipIf(process.arch !== architecture)('a daemon’s program at a prompt is the client', async () => {
  await using file = await programFile('/bin/echo');
  const program = spawn(file.path, ['--version', 'two words'], { stdio: ['ignore', 'pipe', 'ignore'] });
  const [said] = (await once(program.stdout, 'data')) as [Buffer];
  expect(String(said)).toBe('--version two words\n');
});

test.each(['x64', 'arm64'] as const)('a daemon’s program is a whole program on %s', (one) => {
  const file = daemonProgram(one, '/bin/true');
  expect(file.subarray(0, 4).toString('latin1')).toBe('\u007fELF');
  expect(file.readBigUInt64LE(64 + 32)).toBe(BigInt(file.length));
});
