import { expect, test } from 'vitest';
import type { TaskOutline } from '../../../protocol/api.ts';
import type { CheckResult, Verdict } from '../../../protocol/report.ts';
import { NOTHING_GRADED, type Grading } from '../report/grading.ts';
import { isForfeit, layersOf, markOfTask } from './standing.ts';

const outline = (id: string) => ({ id, title: id, support: 'real' as const });
const task: TaskOutline = {
  id: 't',
  c: 'cluster',
  title: 'T',
  points: 10,
  competencies: [],
  host: 'workstation',
  text: '',
  checks: [outline('a'), outline('b')],
  guards: [outline('g')],
};

function withVerdicts(verdicts: Record<string, Verdict>): Grading {
  const results = new Map(Object.entries(verdicts).map(([id, verdict]) => [`t/${id}`, { verdict } as CheckResult]));
  return { ...NOTHING_GRADED, results };
}

test.each([
  ['unchecked', {}],
  ['unchecked', { a: 'pass' }],
  ['fail', { a: 'pass', b: 'fail', g: 'unknown' }],
  ['unknown', { a: 'pass', b: 'pass', g: 'unknown' }],
  ['pass', { a: 'pass', b: 'pass', g: 'pass' }],
] as const)('marks a task %s when its checks are %o', (mark, verdicts) => {
  expect(markOfTask(withVerdicts(verdicts), task)).toBe(mark);
});

test('marks a task as being checked until its last check has arrived', () => {
  const run = {
    state: 'running',
    scope: 't',
    checks: 3,
    arrived: new Set(['t/a', 't/b']),
    soFar: new Set<string>(),
  } as const;
  expect(markOfTask({ ...withVerdicts({ a: 'pass', b: 'fail' }), run }, task)).toBe('checking');
});

test('counts a task that was never checked as nothing earned', () => {
  const layers = layersOf([task], { ...NOTHING_GRADED, scores: new Map() });
  expect(layers.map(({ c, score }) => [c, score.earned, score.total])).toEqual([
    ['cloud', 0, 0],
    ['cluster', 0, 10],
    ['container', 0, 0],
    ['code', 0, 0],
  ]);
});

test.each([
  [true, { a: 'pass', b: 'fail', g: 'fail' }],
  [true, { a: 'pass', b: 'pass', g: 'unknown' }],
  [false, { a: 'fail', b: 'fail', g: 'fail' }],
  [false, { a: 'pass', b: 'pass', g: 'pass' }],
  [false, { a: 'pass' }],
] as const)('says whether points are lost to a guard: %s for %o', (lost, verdicts) => {
  expect(isForfeit(withVerdicts(verdicts), task)).toBe(lost);
});

test('leaves out what the backend does not support', () => {
  const unsupported = { ...outline('x'), support: 'unsupported' as const };
  const mixed = { ...task, checks: [outline('a'), unsupported], guards: [{ ...unsupported, id: 'g' }] };
  expect(markOfTask(withVerdicts({ a: 'pass', x: 'unknown', g: 'unknown' }), mixed)).toBe('pass');
  expect(isForfeit(withVerdicts({ a: 'pass', g: 'unknown' }), mixed)).toBe(false);
  expect(layersOf([{ ...task, checks: [unsupported] }], NOTHING_GRADED)[1]?.score.total).toBe(0);
});
