import { expect, test } from 'vitest';
import { flagOf } from './flag-of.ts';

test.each([
  [['--secure-port=1'], '1'],
  [['--secure-port', '2'], '2'],
  [['--secure_port=3'], '3'],
  [['--secure-port=4', '--secure-port=5'], '5'],
  [['--secure-ports=6'], undefined],
  [['--secure-port'], undefined],
])('of %j', (argv, value) => {
  expect(flagOf(argv, 'secure-port')).toBe(value);
});
