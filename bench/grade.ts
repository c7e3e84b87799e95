import { grade } from '../grader/grade.ts';
import { applySubmission } from '../grader/submission.ts';
import { type BenchSetup, createLab, loadBreach } from './bench-setup.ts';
import { type BenchRow, rowOf } from './row.ts';

const ROUNDS = 10;

/** A full check of the breach: of the untouched lab, whose failing checks are tried again for a while, and of a solved one. */
export async function* benchGrade(setup: BenchSetup): AsyncGenerator<BenchRow> {
  const scenario = await loadBreach(setup);
  const { signal } = setup;
  const solution = scenario.submissions.find(({ role }) => role === 'solution');
  await using lab = await createLab(setup, scenario);
  const measure = async (rounds: number): Promise<number[]> => {
    const times = [];
    for (let i = 0; i < rounds; i++) {
      const began = performance.now();
      await grade({ scenario, lab, signal });
      times.push(performance.now() - began);
    }
    return times;
  };
  yield rowOf('grade-untouched', 'ms', await measure(3));
  if (solution === undefined) return;
  await applySubmission(solution.directory, lab, signal);
  yield rowOf('grade-solved', 'ms', await measure(ROUNDS));
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
