import type { CheckResult, Report, Score, TaskResult, Verdict } from '../protocol/report.ts';
import { FOUR_CS, type Task } from '../protocol/scenario.ts';

/**
 * Scores a task from the results of its checks and guards (protocol/report.ts). What the backend does not support counts neither
 * way; a task with no supported check has nothing to earn.
 */
export function scoreTask(task: Task, results: readonly CheckResult[]): TaskResult {
  const counted = results.filter(({ support }) => support !== 'unsupported');
  const checks = counted.filter(({ role }) => role === 'check');
  const guards = counted.filter(({ role }) => role === 'guard');
  const passed = checks.filter(({ verdict }) => verdict === 'pass').length;
  const guarded = guards.every(({ verdict }) => verdict === 'pass');
  const total = checks.length === 0 ? 0 : task.points;
  return {
    task: task.id,
    c: task.c,
    title: task.title,
    score: { earned: guarded && total > 0 ? Math.floor((task.points * passed) / checks.length) : 0, total },
    verdict: checks.length === 0 ? 'unknown' : overall(counted.map(({ verdict }) => verdict)),
    results: [...results],
  };
}

/** `fail` if any fails, else `unknown` if any is unknown, else `pass`. */
function overall(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.includes('fail')) return 'fail';
  return verdicts.includes('unknown') ? 'unknown' : 'pass';
}

/** The sums of a report, in all and for each C. */
export function scoreReport(tasks: readonly TaskResult[]): Pick<Report, 'score' | 'byC'> {
  const of = (some: readonly TaskResult[]): Score => ({
    earned: some.reduce((sum, { score }) => sum + score.earned, 0),
    total: some.reduce((sum, { score }) => sum + score.total, 0),
  });
  const [cloud, cluster, container, code] = FOUR_CS.map((c) => of(tasks.filter((task) => task.c === c)));
  const nothing: Score = { earned: 0, total: 0 };
  return {
    score: of(tasks),
    byC: {
      cloud: cloud ?? nothing,
      cluster: cluster ?? nothing,
      container: container ?? nothing,
      code: code ?? nothing,
    },
  };
}
