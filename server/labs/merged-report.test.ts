import { expect, test } from 'vitest';
import { scoreReport } from '../../grader/score.ts';
import type { Report, TaskResult } from '../../protocol/report.ts';
import { mergedReport, reportOf, tasksWithPoints } from './merged-report.ts';

const task = (id: string, earned: number): TaskResult => ({
  task: id,
  c: 'cloud',
  title: id,
  score: { earned, total: 10 },
  verdict: earned === 10 ? 'pass' : 'fail',
  results: [],
});

const report = (startedAt: string, ...tasks: TaskResult[]): Report => ({
  scenario: 'breach',
  backend: 'simulated',
  startedAt,
  milliseconds: 1,
  ...scoreReport(tasks),
  tasks,
});

const old = '2026-01-01T00:00:00Z';
const now = '2026-01-02T00:00:00Z';

test('without an earlier report the latest stands alone', () => {
  const latest = report(now, task('b', 10));
  expect(mergedReport(undefined, latest, ['a', 'b'])).toBe(latest);
});

test('the latest result of a task replaces the earlier one, in the order of the scenario', () => {
  const merged = mergedReport(report(old, task('a', 0), task('b', 5)), report(now, task('a', 10)), ['a', 'b']);
  expect(merged).toEqual(report(now, task('a', 10), task('b', 5)));
});

test('what has earned something has points', () => {
  expect(tasksWithPoints(report(now, task('a', 0), task('b', 5), task('c', 10)))).toEqual(['b', 'c']);
  expect(tasksWithPoints(undefined)).toEqual([]);
});

test('what is said of one task has its score alone', () => {
  expect(reportOf(report(now, task('a', 10), task('b', 5)), 'b')).toEqual(report(now, task('b', 5)));
});
