import { expect, test } from 'vitest';
import { momentOf } from './moment.ts';

const now = Date.parse('2026-11-23T05:03:00Z');

test.each([
  ['90s', '2026-11-23T05:01:30.000Z'],
  ['1h3m', '2026-11-23T04:00:00.000Z'],
  ['2026-11-23', '2026-11-23T00:00:00.000Z'],
  ['2026-11-23T05:02', '2026-11-23T05:02:00.000Z'],
  ['2026-11-23T05:02:00+01:00', '2026-11-23T04:02:00.000Z'],
  ['1795410000.5', '2026-11-23T05:00:00.500Z'],
])('%s is a moment', (text, at) => {
  expect(new Date(momentOf(text, now) ?? 0).toISOString()).toBe(at);
});

test.each(['', 'yesterday', '5 m', '2026-13-40'])('%j is none', (text) => {
  expect(momentOf(text, now)).toBeUndefined();
});
