import { expect, test } from 'vitest';
import type { Pod } from '../model/generated/objects.ts';
import { limitsStorage, overLimit } from './storage-limits.ts';

const MB = 2 ** 20;
const pod = (limits: readonly (string | undefined)[], emptyDir: object = {}): Pod =>
  ({
    spec: {
      containers: limits.map((limit, i) => ({
        name: `c${i}`,
        resources: limit === undefined ? {} : { limits: { 'ephemeral-storage': limit } },
      })),
      volumes: [{ name: 'data', emptyDir }],
    },
  }) as unknown as Pod;
const used = (volume: number, ...containers: readonly number[]) => ({
  volumes: new Map([['data', volume]]),
  containers: new Map(containers.map((bytes, i) => [`c${i}`, bytes])),
});

test.each([
  [
    'a volume over its own limit',
    pod([undefined], { sizeLimit: '2Mi' }),
    used(3 * MB, 0),
    'Usage of EmptyDir volume "data" exceeds the limit "2Mi". ',
  ],
  ['a volume within it', pod([undefined], { sizeLimit: '4Mi' }), used(3 * MB, 0), undefined],
  [
    'a volume in memory, which cannot be',
    pod([undefined], { sizeLimit: '2Mi', medium: 'Memory' }),
    used(3 * MB, 0),
    undefined,
  ],
  [
    'all containers and volumes together',
    pod(['2Mi']),
    used(MB, 1.5 * MB),
    'Pod ephemeral local storage usage exceeds the total limit of containers 2Mi. ',
  ],
  [
    'one container of several, of which another has no limit',
    pod(['1Mi', undefined]),
    used(0, 2 * MB, 9 * MB),
    'Container c0 exceeded its local ephemeral storage limit "1Mi". ',
  ],
])('tells why a pod is evicted: %s', (_, one, usage, why) => {
  expect(overLimit(one, usage)).toBe(why);
});

test('looks only at pods that have a limit', () => {
  expect([pod([undefined]), pod(['1Mi']), pod([undefined], { sizeLimit: '1Mi' })].map(limitsStorage)).toEqual([
    false,
    true,
    true,
  ]);
});
