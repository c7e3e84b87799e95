import { expect, test } from 'vitest';
import { compareVersions } from './debian-version.ts';

test.each([
  ['1.36.0-1.1', '1.36.2-1.1'],
  ['1.9.0-1.1', '1.36.0-1.1'],
  ['1.36.2~rc1-1.1', '1.36.2-1.1'],
  ['28.5.1-1', '5:20.0-1'],
  ['9.2p1-2', '9.2p1-2+deb12u7'],
  ['1.0', '1.0a'],
])('%s is older than %s', (older, newer) => {
  expect(compareVersions(older, newer)).toBeLessThan(0);
  expect(compareVersions(newer, older)).toBeGreaterThan(0);
  expect(compareVersions(older, older)).toBe(0);
});
