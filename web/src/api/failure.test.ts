import { expect, test } from 'vitest';
import { z } from 'zod';
import { ApiProblem, ServerGone, problemOf } from './failure.ts';

test('shows a problem in the words of the server', () => {
  const problem = {
    type: 'about:blank',
    title: 'Full',
    status: 409,
    detail: 'Thirty labs run.',
    nextStep: 'Delete one.',
  };
  expect(problemOf(new ApiProblem(problem))).toBe(problem);
});

test.each([
  ['a server that is gone', new ServerGone(new TypeError('fetch failed')), 'The server does not answer'],
  ['an answer of another version', z.strictObject({}).safeParse({ b: 1 }).error, 'does not understand'],
  ['anything else', new RangeError('too deep'), 'This page could not go on'],
])('finds words and a next step for %s', (_, error, title) => {
  const problem = problemOf(error);
  expect(problem.title).toContain(title);
  expect(problem.nextStep).not.toBe('');
});
