import { expect, test } from 'vitest';
import type { CronJob, Job } from '../../model/generated/objects.ts';
import { startTestCluster, type TestCluster } from '../test-cluster.ts';
import { cronJob } from '../test-manifests.ts';
import { latestDue, parseSchedule } from './schedule.ts';

const jobs = (lab: TestCluster): readonly Job[] => lab.list<Job>('batch/v1 Job', 'default');
const minutes = (count: number): number => count * 60;

test('a Job begins at every due time and is named after its minute', async () => {
  await using lab = await startTestCluster();
  await lab.apply(cronJob('tick', '*/5 * * * *', ['true']));
  expect(jobs(lab)).toEqual([]);
  await lab.advance(minutes(5));
  expect(jobs(lab).map(({ metadata }) => metadata.name)).toEqual([
    `tick-${Date.parse('2026-01-01T00:05:00Z') / 60_000}`,
  ]);
  expect(lab.get<CronJob>('batch/v1 CronJob', 'tick')?.status).toMatchObject({
    lastScheduleTime: '2026-01-01T00:05:00Z',
    lastSuccessfulTime: '2026-01-01T00:05:00Z',
  });
  expect(lab.events('tick').map((event) => event.replace(/\d{8}/, 'N'))).toEqual([
    'SuccessfulCreate: Created job tick-N',
    'SawCompletedJob: Saw completed job: tick-N, condition: Complete',
  ]);
});

test('history is kept to its limit', async () => {
  await using lab = await startTestCluster();
  await lab.apply(cronJob('tick', '* * * * *', ['true'], { successfulJobsHistoryLimit: 2 }));
  await lab.advance(minutes(5));
  expect(jobs(lab)).toHaveLength(2);
});

test.each([
  { concurrencyPolicy: 'Allow', running: 2 },
  { concurrencyPolicy: 'Forbid', running: 1 },
  { concurrencyPolicy: 'Replace', running: 1 },
])('$concurrencyPolicy leaves $running running when Jobs overlap', async ({ concurrencyPolicy, running }) => {
  await using lab = await startTestCluster();
  await lab.apply(cronJob('tick', '* * * * *', ['sleep', '600'], { concurrencyPolicy }));
  await lab.advance(minutes(2));
  expect(lab.get<CronJob>('batch/v1 CronJob', 'tick')?.status.active).toHaveLength(running);
  const forbidden = lab.events('tick').filter((event) => event.startsWith('JobAlreadyActive'));
  expect(forbidden).toHaveLength(concurrencyPolicy === 'Forbid' ? 1 : 0);
});

test('a suspended one begins nothing', async () => {
  await using lab = await startTestCluster();
  await lab.apply(cronJob('tick', '* * * * *', ['true'], { suspend: true }));
  await lab.advance(minutes(3));
  expect(jobs(lab)).toEqual([]);
});

test('a day that no calendar has is told, not waited for', async () => {
  await using lab = await startTestCluster();
  await lab.apply(cronJob('never', '59 23 31 2 *', ['true']));
  expect(lab.events('never')).toEqual([
    'InvalidSchedule: invalid schedule: 59 23 31 2 * : time difference between two schedules is less than 1 second',
  ]);
  expect(jobs(lab)).toEqual([]);
});

test.each([
  ['0 9 * * *', 'Europe/Berlin', '2026-01-01T08:00:00.000Z'],
  ['@daily', undefined, '2026-01-02T00:00:00.000Z'],
  ['@every 90m', undefined, '2026-01-01T01:30:00.000Z'],
  ['0 0 13 * 5', undefined, '2026-01-02T00:00:00.000Z'],
])('%s in %s is next due at %s', (text, zone, expected) => {
  const next = parseSchedule(text, zone)?.next(Date.parse('2026-01-01T00:00:00Z'));
  expect(new Date(next ?? 0).toISOString()).toBe(expected);
});

test('years of missed times are counted no further than a hundred and end at the last one', () => {
  const schedule = parseSchedule('* * * * *', undefined);
  const now = Date.parse('2026-01-01T00:00:30Z');
  expect(schedule && latestDue(schedule, 0, now)).toMatchObject({ at: Date.parse('2026-01-01T00:00:00Z') });
});
