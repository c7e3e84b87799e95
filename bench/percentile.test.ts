import { expect, test } from 'vitest';
import { percentile } from './percentile.ts';

test.each([
  [[3, 1, 2], 50, 2],
  [[3, 1, 2], 99, 3],
  [[1, 2], 50, 1],
  [Array.from({ length: 1000 }, (_, i) => i + 1), 99, 990],
  [[7], 1, 7],
])('of %j the percentile %d is %d', (values, percent, expected) => {
  expect(percentile(values, percent)).toBe(expected);
});

test('of nothing there is none', () => {
  expect(percentile([], 50)).toBeNaN();
});
