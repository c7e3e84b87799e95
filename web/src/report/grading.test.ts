import { expect, test } from 'vitest';
import type { GradeEvent, TaskOutline } from '../../../protocol/api.ts';
import type { CheckResult, Report, Verdict } from '../../../protocol/report.ts';
import { NOTHING_GRADED, findingOf, graded, isAwaited, type Grading } from './grading.ts';

const tasks = ['doors', 'keys'].map((id) => ({ id, points: 10 }) as TaskOutline);

function result(task: string, verdict: Verdict): CheckResult {
  return { task, check: 'c', role: 'check', title: 'C', verdict, support: 'real', evidence: 'e', milliseconds: 1 };
}

function report(startedAt: string, verdicts: Record<string, Verdict>): Report {
  const score = { earned: 0, total: 10 };
  const reports = Object.entries(verdicts).map(([task, verdict]) => {
    const earned = verdict === 'pass' ? 10 : 0;
    const results = [result(task, verdict)];
    return { task, c: 'cloud' as const, title: task, score: { earned, total: 10 }, verdict, results };
  });
  const byC = { cloud: score, cluster: score, container: score, code: score };
  return { scenario: 's', backend: 'simulated', startedAt, milliseconds: 1, score, byC, tasks: reports };
}

function after(start: Grading, ...events: readonly GradeEvent[]): Grading {
  return events.reduce((state, event) => graded(state, { type: 'event', event, tasks }), start);
}

const verdicts = (grading: Grading) => [...grading.results.values()].map(({ task, verdict }) => `${task} ${verdict}`);

test('shows results one by one, and which are awaited', () => {
  const begun = after(graded(NOTHING_GRADED, { type: 'begin', scope: null }), { type: 'started', checks: 2 });
  const half = after(begun, { type: 'check', result: result('doors', 'pass') });
  expect(verdicts(half)).toEqual(['doors pass']);
  expect([isAwaited(half.run, 'doors', 'c'), isAwaited(half.run, 'keys', 'c')]).toEqual([false, true]);
  const scored = after(half, { type: 'task', task: 'doors', verdict: 'pass' });
  expect(scored.scores.get('doors')).toEqual({ earned: 10, total: 10 });
});

test('shows what a check says first that is tried again, and goes on awaiting it', () => {
  const before = graded(NOTHING_GRADED, { type: 'known', generation: 0, report: report('1', { doors: 'pass' }) });
  const begun = after(graded(before, { type: 'begin', scope: null }), { type: 'started', checks: 1 });
  expect(findingOf(begun, 'doors', 'c')).toBeUndefined();
  const first = after(begun, { type: 'so-far', result: result('doors', 'fail') });
  expect(findingOf(first, 'doors', 'c')?.verdict).toBe('fail');
  expect(isAwaited(first.run, 'doors', 'c')).toBe(true);
  const last = after(first, { type: 'check', result: result('doors', 'pass') });
  expect(findingOf(last, 'doors', 'c')?.verdict).toBe('pass');
  expect(isAwaited(last.run, 'doors', 'c')).toBe(false);
});

test('awaits nothing outside the task that is checked alone', () => {
  const { run } = graded(NOTHING_GRADED, { type: 'begin', scope: 'doors' });
  expect([isAwaited(run, 'doors', 'c'), isAwaited(run, 'keys', 'c')]).toEqual([true, false]);
});

test('keeps the results of other tasks when one is checked alone', () => {
  const all = graded(NOTHING_GRADED, {
    type: 'known',
    generation: 0,
    report: report('1', { doors: 'fail', keys: 'pass' }),
  });
  const one = after(graded(all, { type: 'begin', scope: 'doors' }), {
    type: 'report',
    report: report('2', { doors: 'pass' }),
  });
  expect(verdicts(one)).toEqual(['doors pass', 'keys pass']);
  expect(one.run.state).toBe('done');
});

test('is not set back by a description that is older than the last run', () => {
  const ran = after(graded(NOTHING_GRADED, { type: 'begin', scope: null }), {
    type: 'report',
    report: report('2', { doors: 'pass' }),
  });
  const stale = graded(ran, { type: 'known', generation: 0, report: report('1', { doors: 'fail' }) });
  expect(stale).toBe(ran);
  expect(verdicts(graded(ran, { type: 'known', generation: 0, report: report('3', { doors: 'fail' }) }))).toEqual([
    'doors fail',
  ]);
});

test('forgets everything when the lab was reset', () => {
  const ran = graded(NOTHING_GRADED, { type: 'known', generation: 0, report: report('1', { doors: 'pass' }) });
  const reset = graded(ran, { type: 'known', generation: 1, report: null });
  expect(reset).toEqual({ ...NOTHING_GRADED, generation: 1 });
});

test('keeps what arrived when the stream ends in a problem, and ignores the tail of a run that was given up', () => {
  const begun = graded(NOTHING_GRADED, { type: 'begin', scope: null });
  const problem = { type: 'about:blank', title: 'T', status: 500, detail: 'D' };
  const broken = after(begun, { type: 'check', result: result('doors', 'fail') }, { type: 'problem', problem });
  expect(broken.run).toEqual({ state: 'broken', problem });
  expect(verdicts(broken)).toEqual(['doors fail']);
  const cancelled = graded(begun, { type: 'cancel' });
  expect(after(cancelled, { type: 'check', result: result('doors', 'pass') })).toBe(cancelled);
});
