import { expect, test } from 'vitest';
import { ENDPOINTS } from '../../strategies/core.ts';
import { foundIn, foundInUpdate } from '../test-cases.ts';

const subsets = (address: object, port: object = {}): { subsets: object[] } => ({
  subsets: [{ addresses: [{ ip: '10.0.0.1', ...address }], ports: [{ port: 80, ...port }] }],
});
const IP = 'subsets[0].addresses[0].ip: Invalid value: ';

test.each<[string, object, string[]]>([
  ['nothing wrong', subsets({ nodeName: 'node01' }, { appProtocol: 'kubernetes.io/h2c' }), []],
  ['no address', { subsets: [{}] }, ['subsets[0]: Required value: must specify `addresses` or `notReadyAddresses`']],
  [
    'a name for an address',
    subsets({ ip: 'web' }),
    [
      `${IP}"web": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)`,
      `${IP}"web": must be a valid IP address`,
    ],
  ],
  [
    'an address of the machine itself',
    subsets({ ip: '127.0.0.1' }),
    [`${IP}"127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)`],
  ],
  [
    'a node of no name',
    subsets({ nodeName: 'A' }),
    [expect.stringContaining('subsets[0].addresses[0].nodeName: Invalid value: "A": a lowercase RFC 1123 subdomain')],
  ],
])('endpoints: %s', (_, fields, expected) => {
  expect(foundIn(ENDPOINTS, { ...fields })).toEqual(expected);
});

test('what was wrong before may stay', () => {
  const wrong = subsets({ ip: 'web' });
  expect(foundInUpdate(ENDPOINTS, wrong, wrong)).toEqual([]);
  expect(foundInUpdate(ENDPOINTS, subsets({}), wrong)).toHaveLength(2);
});
