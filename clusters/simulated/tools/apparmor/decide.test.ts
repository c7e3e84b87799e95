import { expect, test } from 'vitest';
import { refuses } from './decide.ts';

const RULES = [
  { kind: '', access: 15, pattern: '/(?:.*|)' },
  { kind: 'd', access: 2, pattern: '/[^/].*' },
  { kind: '', access: 6, pattern: '/only/here' },
];

test.each([
  ['what a rule allows', '/etc/passwd', 4, false],
  ['what another one denies', '/etc/passwd', 2, true],
  ['what is both allowed and denied', '/only/here', 2, true],
  ['what is only in part allowed', '/etc/passwd', 6, true],
])('decides of %s', (_, path, access, expected) => {
  expect(refuses(RULES, path, access)).toBe(expected);
});

test('refuses what no rule is about', () => {
  expect(refuses(RULES.slice(2), '/etc/passwd', 4)).toBe(true);
});
