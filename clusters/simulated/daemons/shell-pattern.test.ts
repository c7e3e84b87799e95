import { expect, test } from 'vitest';
import { fitsPattern } from './shell-pattern.ts';

test.each([
  ['docker.service', 'docker*', true],
  ['docker.service', '*.service', true],
  ['docker.service', 'docker', false],
  ['docker.service', '*.socket', false],
  ['ssh.service', '???.service', true],
  ['ssh.service', '????.service', false],
  ['a.service', '*a*s*e', true],
  ['', '*', true],
  ['', '?', false],
  ['a+b', 'a+b', true],
])('%o fits %o: %s', (text, pattern, fits) => {
  expect(fitsPattern(text, pattern)).toBe(fits);
});

test('a pattern of many stars is soon done with', () => {
  expect(fitsPattern('a'.repeat(2000), `${'*a'.repeat(500)}b`)).toBe(false);
});
