import { expect, test } from 'vitest';
import { reconnectDelay } from './reconnect-delay.ts';

test.each([
  [0, 0, 250],
  [1, 0, 500],
  [5, 0, 8_000],
  [1_000, 0, 8_000],
  [5, 0.5, 6_000],
])('waits before try %i with the dice at %f for %i ms', (attempt, random, milliseconds) => {
  expect(reconnectDelay(attempt, random)).toBe(milliseconds);
});

test('never takes off more than half', () => {
  expect(reconnectDelay(5, 0.999_999)).toBeGreaterThanOrEqual(4_000);
});
