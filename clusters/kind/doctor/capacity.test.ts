import { describe, expect, test } from 'vitest';
import { capacityFindings, roomFor } from './capacity.ts';
import type { MachineFacts } from './machine-facts.ts';

const GIB = 2 ** 30;

const ROOMY: MachineFacts = {
  memoryBytes: 64 * GIB,
  availableMemoryBytes: 51 * GIB,
  diskFreeBytes: 204 * GIB,
  inotifyWatches: 1_048_576,
  inotifyInstances: 8192,
  tasks: 4_194_304,
  cgroupVersion: '2',
  clusters: 0,
};

const labs = (facts: Partial<MachineFacts>): Record<string, number> =>
  Object.fromEntries(roomFor({ ...ROOMY, ...facts }).map((room) => [room.resource, room.labs]));

describe('room for labs', () => {
  test('is counted by what is free, less what the machine keeps', () => {
    expect(labs({})).toEqual({
      memory: 20,
      disk: 50,
      'inotify instances': 204,
      'inotify watches': 403,
      processes: 4194,
    });
  });

  test("is three with a kernel's usual inotify limits, as kind's own page says, less the clusters that run", () => {
    const usual = { inotifyInstances: 128, inotifyWatches: 8192 };
    expect(labs(usual)).toMatchObject({ 'inotify instances': 3, 'inotify watches': 3 });
    expect(labs({ ...usual, clusters: 2 })).toMatchObject({ 'inotify instances': 1, 'inotify watches': 1 });
    expect(labs({ ...usual, clusters: 9 })).toMatchObject({ 'inotify instances': 0, 'inotify watches': 0 });
  });

  test("by memory is no more than Docker's, where it is held to less than the machine has", () => {
    expect(labs({ memoryBytes: 6 * GIB })).toMatchObject({ memory: 2 });
  });

  test('counts what can be seen: of Docker Desktop, its memory', () => {
    const unseen = {
      availableMemoryBytes: undefined,
      diskFreeBytes: undefined,
      inotifyWatches: undefined,
      inotifyInstances: undefined,
      tasks: undefined,
    };
    expect(labs(unseen)).toEqual({ memory: 25 });
  });
});

describe('findings', () => {
  const findings = (facts: Partial<MachineFacts>) => capacityFindings({ ...ROOMY, ...facts });

  test('of a roomy machine are one note: how many labs, and what runs out first', () => {
    expect(findings({})).toEqual([
      {
        what: 'room for about 20 more kind labs (memory 20, disk 50, inotify instances 204, inotify watches 403, processes 4194)',
        remedy: expect.stringMatching(/^memory runs out first: 51\.0 GiB free, of which a lab takes 2\.5 GiB\. /),
        severity: 'note',
      },
    ]);
  });

  test('name the setting of the kernel that stands in the way of a fourth lab, and the command that mends it', () => {
    expect(findings({ inotifyInstances: 128 })[0]).toEqual({
      what: 'room for 3 more labs only, as to inotify instances: fs.inotify.max_user_instances is 128, and each cluster takes about 40',
      remedy: expect.stringContaining('sudo sysctl fs.inotify.max_user_instances=8192 '),
      severity: 'warning',
    });
  });

  test('of a machine that holds two labs by its memory are no warning: no command mends that', () => {
    expect(findings({ availableMemoryBytes: 7 * GIB }).map(({ severity }) => severity)).toEqual(['note']);
  });

  test.each([
    ['memory', { availableMemoryBytes: 2 * GIB }],
    ['disk', { diskFreeBytes: 5 * GIB }],
    ['inotify watches', { inotifyWatches: 8192, clusters: 3 }],
    ['processes', { tasks: 900 }],
  ])('without %s for a single lab are an error', (resource, facts) => {
    expect(findings(facts)[0]).toMatchObject({
      what: expect.stringContaining(`no room for another lab, as to ${resource}`),
      severity: 'error',
      estimated: true,
    });
  });
});
