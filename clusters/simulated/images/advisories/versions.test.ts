import { expect, test } from 'vitest';
import { compareVersions, goFixed } from './versions.ts';

test.each([
  ['2.36-9+deb12u4', '2.36-9+deb12u10', -1],
  ['3.0.11-1~deb12u2', '3.0.11-1', -1],
  ['3.0.11-1~deb12u2', '3.0.9-1', 1],
  ['1:1.2.13.dfsg-1', '9.9', 1],
  ['1.1.1c-1', '1.1.1d-0+deb10u7', -1],
  ['1.36.1-r29', '1.36.1-r29', 0],
  ['1.0', '1.0-1', -1],
  ['1.0a', '1.0+', -1],
  ['1.02', '1.2', 0],
])('%s against %s is ordered as dpkg orders them', (a, b, order) => {
  expect(Math.sign(compareVersions(a, b))).toBe(order);
  expect(Math.sign(compareVersions(b, a))).toBe(0 - order);
});

test.each([
  ['1.18.2', false],
  ['1.19.8', true],
  ['1.20.2', false],
  ['1.20.10', true],
  ['1.21.0', true],
])('Go %s has what 1.19.8 and 1.20.3 fixed: %s', (version, fixed) => {
  expect(goFixed(version, ['1.19.8', '1.20.3'])).toBe(fixed);
});
