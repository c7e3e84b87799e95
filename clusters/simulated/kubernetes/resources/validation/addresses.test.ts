import { expect, test } from 'vitest';
import { validateAddress, validateCidr, warnAboutAddress, warnAboutCidr } from './addresses.ts';
import type { Findings } from './field-errors.ts';

const ADDRESS = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)';
const CIDR = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)';

test.each([
  ['10.1.2.3', undefined],
  ['2001:DB8::1', undefined],
  ['300.1.2.3', ADDRESS],
  ['fe80::1%eth0', ADDRESS],
  ['010.1.2.3', 'must not have leading 0s'],
  ['::ffff:1.2.3.4', 'must not be an IPv4-mapped IPv6 address'],
])('address %s: %s', (text, why) => {
  const found: Findings = [];
  validateAddress(text, 'ip', found);
  expect(found.map(({ message }) => message)).toEqual(why === undefined ? [] : [`Invalid value: "${text}": ${why}`]);
});

test.each([
  ['10.0.0.0/8', undefined],
  ['10.0.0.0', CIDR],
  ['10.0.0.0/33', CIDR],
  ['10.0.0.0/08', 'must not have leading 0s in IP or prefix length'],
  ['::ffff:10.0.0.0/104', 'must not have an IPv4-mapped IPv6 address'],
  ['10.0.0.1/8', 'must not have bits set beyond the prefix length'],
])('range %s: %s', (text, why) => {
  const found: Findings = [];
  validateCidr(text, 'cidr', found);
  expect(found.map(({ message }) => message)).toEqual(why === undefined ? [] : [`Invalid value: "${text}": ${why}`]);
});

test('what was there before may stay, with a warning', () => {
  const found: Findings = [];
  validateAddress('010.1.2.3', 'ip', found, ['010.1.2.3']);
  validateCidr('10.0.0.1/8', 'cidr', found, ['10.0.0.1/8']);
  expect(found).toEqual([]);
  expect(warnAboutAddress('010.1.2.3', 'ip')).toEqual([
    'ip: non-standard IP address "010.1.2.3" will be considered invalid in a future Kubernetes release: use "10.1.2.3"',
  ]);
  expect(warnAboutCidr('10.0.0.1/8', 'cidr')).toEqual([
    'cidr: CIDR value "10.0.0.1/8" is ambiguous in this context (should be "10.0.0.0/8" or "10.0.0.1/32"?)',
  ]);
});
