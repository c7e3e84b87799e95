import { expect, test } from 'vitest';
import type { DialResult } from '../../cluster.ts';
import type { SimulatedHost } from '../hosts/simulated-host.ts';
import { dialFromHost } from './dial-from-host.ts';

test.each<[DialResult, string]>([
  [{ outcome: 'refused', detail: '' }, 'dial tcp db:5432: connect: connection refused'],
  [{ outcome: 'timeout', detail: 'db:5432 did not answer' }, 'dial tcp db:5432: i/o timeout'],
  [{ outcome: 'unreachable', detail: 'db:5432: EHOSTUNREACH' }, 'dial tcp db:5432: connect: no route to host'],
  [{ outcome: 'unreachable', detail: 'db:5432: ENETUNREACH' }, 'dial tcp db:5432: connect: network is unreachable'],
  [{ outcome: 'unresolved', detail: 'db: name not known on node01' }, 'dial tcp: lookup db: no such host'],
])('a connection that is not made is told in the words of Go: %j', async (result, words) => {
  const host = { dial: () => Promise.resolve(result) } as unknown as SimulatedHost;
  await expect(dialFromHost(host)('db', 5432, AbortSignal.timeout(1000))).rejects.toThrow(words);
});
