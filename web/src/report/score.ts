import type { CheckResult, Score, Verdict } from '../../../protocol/report.ts';

/**
 * The points of one task while its results are coming in, by the rule of protocol/report.ts: the share of checks that
 * passed in whole points rounded down, and nothing when a guard did not pass. What the backend does not support counts
 * neither way. The report's own score replaces it.
 */
export function taskScore(points: number, results: readonly CheckResult[]): Score {
  const counted = results.filter((result) => result.support !== 'unsupported');
  const checks = counted.filter((result) => result.role === 'check');
  const passed = checks.filter((result) => result.verdict === 'pass').length;
  const guarded = counted.every((result) => result.role === 'check' || result.verdict === 'pass');
  const earned = guarded && checks.length > 0 ? Math.floor((points * passed) / checks.length) : 0;
  return { earned, total: checks.length > 0 ? points : 0 };
}

/** Adds scores up. */
export function sumOfScores(scores: Iterable<Score>): Score {
  let earned = 0;
  let total = 0;
  for (const score of scores) {
    earned += score.earned;
    total += score.total;
  }
  return { earned, total };
}

/** How many results there are of each verdict. */
function countVerdicts(results: Iterable<CheckResult>): Record<Verdict, number> {
  const count = { pass: 0, fail: 0, unknown: 0 };
  for (const { verdict } of results) count[verdict]++;
  return count;
}

/** What a screen reader says when checking is over. */
export function spokenSummary(results: readonly CheckResult[], score: Score): string {
  const { pass, fail, unknown } = countVerdicts(results);
  const unclear = unknown === 0 ? '' : `, ${unknown} could not be observed`;
  return `${results.length} checked: ${pass} passed, ${fail} failed${unclear}. Score ${score.earned} of ${score.total}.`;
}
