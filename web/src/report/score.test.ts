import { expect, test } from 'vitest';
import type { CheckResult, Verdict } from '../../../protocol/report.ts';
import { spokenSummary, sumOfScores, taskScore } from './score.ts';

function result(role: 'check' | 'guard', verdict: Verdict): CheckResult {
  const base = { task: 't', check: 'c', title: 'T', support: 'real', evidence: '', milliseconds: 1 } as const;
  return { ...base, role, verdict };
}

test.each([
  ['all checks pass', 10, ['pass', 'pass'], ['pass'], 10],
  ['a third passes, rounded down', 10, ['pass', 'fail', 'fail'], ['pass'], 3],
  ['an unknown check earns nothing', 10, ['pass', 'unknown'], ['pass'], 5],
  ['a failed guard takes the points', 10, ['pass', 'pass'], ['fail'], 0],
  ['an unknown guard takes the points', 10, ['pass', 'pass'], ['pass', 'unknown'], 0],
] as const)('scores a task when %s', (_, points, checks, guards, earned) => {
  const results = [...checks.map((v) => result('check', v)), ...guards.map((v) => result('guard', v))];
  expect(taskScore(points, results)).toEqual({ earned, total: points });
});

test('leaves out what the backend does not support', () => {
  const unsupported = { ...result('check', 'unknown'), support: 'unsupported' as const };
  const guard = { ...result('guard', 'unknown'), support: 'unsupported' as const };
  expect(taskScore(10, [result('check', 'pass'), unsupported, guard])).toEqual({ earned: 10, total: 10 });
  expect(taskScore(10, [unsupported])).toEqual({ earned: 0, total: 0 });
});

test('adds scores up', () => {
  expect(sumOfScores([])).toEqual({ earned: 0, total: 0 });
  expect(
    sumOfScores([
      { earned: 1, total: 2 },
      { earned: 3, total: 4 },
    ]),
  ).toEqual({ earned: 4, total: 6 });
});

test('says what was found, and speaks of unknown only where there is one', () => {
  const results = [result('check', 'pass'), result('check', 'fail')];
  expect(spokenSummary(results, { earned: 5, total: 10 })).toBe('2 checked: 1 passed, 1 failed. Score 5 of 10.');
  expect(spokenSummary([result('check', 'unknown')], { earned: 0, total: 10 })).toContain('1 could not be observed');
});
