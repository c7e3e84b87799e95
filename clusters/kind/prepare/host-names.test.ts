import { expect, test } from 'vitest';
import type { HostName } from '../../../protocol/host.ts';
import { withHostNames } from './host-names.ts';

const DOCKERS = '127.0.0.1\tlocalhost\n172.20.0.2\tbreachlab-1-control-plane\n';
const addresses = (last: number): ReadonlyMap<HostName, string> =>
  new Map([
    ['controlplane', `172.20.0.${last}`],
    ['node01', '172.20.0.3'],
  ]);

test("the lab's machines follow what Docker wrote", () => {
  expect(withHostNames(DOCKERS, addresses(2))).toBe(
    `${DOCKERS}# The machines of this lab\n172.20.0.2\tcontrolplane\n172.20.0.3\tnode01\n# End of the machines of this lab\n`,
  );
});

test('written again, they are there once, with their new addresses', () => {
  expect(withHostNames(withHostNames(DOCKERS, addresses(2)), addresses(7))).toBe(withHostNames(DOCKERS, addresses(7)));
});

test('an empty file gets the machines alone', () => {
  expect(withHostNames('', new Map())).toBe('# The machines of this lab\n# End of the machines of this lab\n');
});
