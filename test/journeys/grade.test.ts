import { join } from 'node:path';
import { cp, readdir } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { impossible, whyNot } from '../../clusters/simulated/hosts/host-fixture.ts';
import { CommandLine, PROJECT } from './command-line.ts';

/** Grading and proving from the command line, against real labs. */

const BREACH = join(PROJECT, 'scenarios/breach');
const SOLUTION = join(BREACH, 'solution');
const WRONG = join(BREACH, 'wrong/pod-security-warns-only');

/** A solution waits for roll-outs and restarts as a person would; several labs share what processor there is. */
const LIMIT_MS = 240_000;

describe.skipIf(impossible)(`on simulated labs${whyNot}`, { timeout: LIMIT_MS }, () => {
  let line: CommandLine;
  beforeAll(async () => {
    line = await CommandLine.open();
  });
  afterAll(() => line[Symbol.asyncDispose]());

  test('grade passes the solution, and fails a batch with one wrong fix in it, as JSON', async () => {
    const { exitCode, stdout, stderr } = await line.run([
      'grade',
      '--scenario',
      'breach',
      '--format',
      'json',
      SOLUTION,
      WRONG,
    ]);
    // Both at once, so that a failure says why.
    expect({ exitCode, said: stderr.split('\n').sort() }).toEqual({
      exitCode: 1,
      said: ['', 'pod-security-warns-only: 0 of 100', 'solution: 100 of 100'],
    });
    const { submissions } = JSON.parse(stdout) as { submissions: { name: string; report: unknown }[] };
    expect(submissions).toMatchObject([
      { name: 'solution', complete: true, report: { score: { earned: 100, total: 100 } } },
      { name: 'pod-security-warns-only', complete: false, report: { score: { earned: 0, total: 100 } } },
    ]);
    expect(await line.leftBehind()).toEqual([]);
  });

  test('grade of the solution alone ends with 0, as JUnit', async () => {
    const { exitCode, stdout, stderr } = await line.run([
      'grade',
      '--scenario',
      'breach',
      '--format',
      'junit',
      SOLUTION,
    ]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: 'solution: 100 of 100\n' });
    expect(stdout).toMatch(/^<\?xml/);
    expect(stdout).toContain('failures="0"');
    expect(stdout).not.toContain('<failure');
  });

  test('verify proves untouched, reset, the solution and one wrong fix', async () => {
    const only = ['--only', 'solution', 'wrong/dashboard-port-closed'];
    const { exitCode, stdout } = await line.run(['verify', 'breach', '--json', ...only]);
    const { ok, verifications } = JSON.parse(stdout) as {
      ok: boolean;
      verifications: { steps: { name: string; ok: boolean; detail: string }[] }[];
    };
    const steps = verifications.flatMap(({ steps }) => steps);
    expect(steps.filter((step) => !step.ok)).toEqual([]);
    expect(steps.map(({ name }) => name).sort()).toEqual([
      'reset',
      'solution',
      'untouched',
      'wrong/dashboard-port-closed',
    ]);
    expect({ ok, exitCode }).toEqual({ ok: true, exitCode: 0 });
  });

  test('verify fails when a wrong fix is not caught', async () => {
    // A proof that cannot fail proves nothing: the solution is filed as a wrong fix.
    const scenarios = line.path('scratch', 'scenarios');
    await cp(BREACH, join(scenarios, 'breach'), { recursive: true });
    const wrong = join(scenarios, 'breach/wrong/pod-security-warns-only');
    await cp(SOLUTION, wrong, { recursive: true });
    expect(await readdir(wrong)).toContain('fix.sh');
    const only = ['--only', 'wrong/pod-security-warns-only'];
    const { exitCode, stdout } = await line.run(['verify', 'breach', '--scenarios', 'scenarios', ...only]);
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/^✗ breach wrong\/pod-security-warns-only/m);
    expect(stdout).toContain('pod-security/privileged: passes, must not');
  });
});
