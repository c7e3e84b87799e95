import { expect, test } from 'vitest';
import { elapsedText } from './elapsed.ts';

test.each([
  [0, 60, '0 of 60 min'],
  [59_999, 60, '0 of 60 min'],
  [60 * 60_000, 60, '60 of 60 min'],
  [65 * 60_000, 60, '65 min, 5 over'],
  [130 * 60_000, 60, '2 h 10 min, 70 over'],
  [61_000, 0, '1 min'],
  [-5_000, 60, '0 of 60 min'], // the server's clock is ahead
])('%i ms of a lab of %i minutes read %s', (milliseconds, minutes, text) => {
  expect(elapsedText(milliseconds, minutes)).toBe(text);
});
