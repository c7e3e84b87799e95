import { grade } from '../grader/grade.ts';
import type { CheckResult } from '../protocol/report.ts';
import { applySubmission } from '../grader/submission.ts';
import { type BenchSetup, createLab, loadBreach } from './bench-setup.ts';
import { type BenchRow, rowOf } from './row.ts';

const ROUNDS = 10;

/**
 * A full check of the breach: of the untouched lab, whose failing checks are tried again for a while, until each has said something and
 * until all have been decided; and of a solved one.
 */
export async function* benchGrade(setup: BenchSetup): AsyncGenerator<BenchRow> {
  const scenario = await loadBreach(setup);
  const { signal } = setup;
  const solution = scenario.submissions.find(({ role }) => role === 'solution');
  await using lab = await createLab(setup, scenario);
  const measure = async (rounds: number): Promise<{ whole: number[]; said: number[] }> => {
    const [whole, said]: [number[], number[]] = [[], []];
    for (let i = 0; i < rounds; i++) {
      const began = performance.now();
      const heard = new Map<string, number>();
      const hear = ({ task, check }: CheckResult): void => {
        const key = `${task}/${check}`;
        if (!heard.has(key)) heard.set(key, performance.now() - began);
      };
      await grade({ scenario, lab, signal, onSoFar: hear, onResult: hear });
      whole.push(performance.now() - began);
      said.push(Math.max(...heard.values()));
    }
    return { whole, said };
  };
  const untouched = await measure(3);
  yield rowOf('grade-untouched-said', 'ms', untouched.said);
  yield rowOf('grade-untouched', 'ms', untouched.whole);
  if (solution === undefined) return;
  await applySubmission(solution.directory, lab, signal);
  yield rowOf('grade-solved', 'ms', (await measure(ROUNDS)).whole);
}

/** Submissions graded a minute, two labs at a time: a fresh lab, the fix, the check. */
export async function* benchBatch(setup: BenchSetup): AsyncGenerator<BenchRow> {
  const scenario = await loadBreach(setup);
  const { signal } = setup;
  const solution = scenario.submissions.find(({ role }) => role === 'solution');
  if (solution === undefined) return;
  const times: number[] = [];
  const one = async (): Promise<void> => {
    const began = performance.now();
    await using lab = await createLab(setup, scenario);
    await applySubmission(solution.directory, lab, signal);
    await grade({ scenario, lab, signal });
    times.push(performance.now() - began);
  };
  const began = performance.now();
  for (let i = 0; i < (setup.labs ?? 6); i += 2) await Promise.all([one(), one()]);
  const perMinute = (times.length / (performance.now() - began)) * 60_000;
  yield rowOf('batch-submission', 'ms', times, { perMinute: Math.round(perMinute * 10) / 10 });
}
