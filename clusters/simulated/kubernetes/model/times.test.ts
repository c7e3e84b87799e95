import { expect, test } from 'vitest';
import { formatDuration, parseDuration } from './duration.ts';
import { canonicalMicroTime, canonicalTime } from './times.ts';

test.each([
  ['2024-05-01T02:00:00+02:00', '2024-05-01T00:00:00Z'],
  ['2024-05-01T00:00:00.999999Z', '2024-05-01T00:00:00Z'],
  ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00Z'],
])('time %s is %s', (text, canonical) => {
  expect(canonicalTime(text)).toBe(canonical);
});

test.each([
  ['2024-05-01', 'cannot parse "" as "T"'],
  ['2024-13-01T00:00:00Z', ': month out of range'],
  ['2024-05-01T24:00:00Z', ': hour out of range'],
  ['2024-05-01T00:00:00', 'cannot parse "" as "Z07:00"'],
  ['2024-05-01T00:00:00Zx', ': extra text: "x"'],
])('time %s is refused', (text, message) => {
  expect(() => canonicalTime(text)).toThrow(message);
});

test('a MicroTime has six decimals', () => {
  expect(canonicalMicroTime('2024-05-01T02:00:00.123456+02:00')).toBe('2024-05-01T00:00:00.123456Z');
  expect(() => canonicalMicroTime('2024-05-01T00:00:00Z')).toThrow('cannot parse "Z" as ".000000"');
});

test.each([
  ['1m', '1m0s'],
  ['90s', '1m30s'],
  ['1h', '1h0m0s'],
  ['1500ms', '1.5s'],
  ['0', '0s'],
  ['-10ms', '-10ms'],
])('duration %s is %s', (text, canonical) => {
  expect(formatDuration(parseDuration(text))).toBe(canonical);
});

test('durations need a unit', () => {
  expect(() => parseDuration('5')).toThrow('time: missing unit in duration "5"');
  expect(() => parseDuration('x')).toThrow('time: invalid duration "x"');
});
