import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { labIdFrom } from '../../protocol/ids.ts';
import { FakeBackend } from '../fake/fake-backend.ts';
import { fakeScenario, shelfOf } from '../fake/fake-scenario.ts';
import { silentLog } from '../log.ts';
import { openSqliteLabStore } from '../store/sqlite-lab-store.ts';
import { type LabLimits, overdue } from './lab-limits.ts';
import { LabRegistry } from './lab-registry.ts';

const MINUTE = 60_000;

test.each<[string, LabLimits, number, unknown]>([
  ['without limits', {}, 1e9, undefined],
  ['before it is idle for too long', { idleMinutes: 30 }, 39, undefined],
  [
    'when it was idle for so long',
    { idleMinutes: 30 },
    40,
    expect.stringContaining('nobody has used it for 30 minutes'),
  ],
  ['before its time is over', { lifeMinutes: 60 }, 59, undefined],
  ['when its time is over, however busy', { lifeMinutes: 60 }, 60, expect.stringContaining('its 60 minutes are over')],
])('a lab %s', (_, limits, minutes, why) => {
  expect(overdue({ createdAt: 0, usedAt: 10 * MINUTE }, limits, minutes * MINUTE)).toEqual(why);
});

test('labs that are overdue are deleted with their reason told; those in use stay', async () => {
  let now = 0;
  const told: string[] = [];
  const backend = new FakeBackend();
  await using store = openSqliteLabStore(':memory:');
  await using labs = new LabRegistry({
    backends: new Map([[backend.name, backend]]),
    shelf: shelfOf(fakeScenario()),
    store,
    clock: { now: () => now },
    newLabId: () => labIdFrom(randomBytes(10)),
    log: silentLog,
    maxLabs: 5,
    limits: { idleMinutes: 30 },
    onShellsEnd: async (_, message) => void told.push(message),
  });
  const idle = await labs.create({ scenario: 'breach' });
  const used = await labs.create({ scenario: 'breach' });
  now = 20 * MINUTE;
  labs.touch(used.id);
  labs.list(); // a list is no use of any of them
  now = 30 * MINUTE;
  await labs.endOverdue();
  expect(labs.list().map(({ id }) => id)).toEqual([used.id]);
  expect(told).toEqual([expect.stringMatching(/nobody has used it for 30 minutes/)]);
  expect(await store.labs()).toHaveLength(1);
  expect(() => labs.find(idle.id)).toThrow(/no lab/);
  now = 49 * MINUTE;
  labs.find(used.id);
  now = 78 * MINUTE;
  await labs.endOverdue();
  expect(labs.list()).toHaveLength(1);
});
