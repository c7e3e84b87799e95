import { expect, test } from 'vitest';
import { CRON_JOB } from '../../strategies/batch.ts';
import { DEPLOYMENT, STATEFUL_SET } from '../../strategies/workloads.ts';
import { foundIn, foundInUpdate, objectOf } from '../test-cases.ts';
import { cronError } from './cron-schedule.ts';

const labels = { app: 'x' };
const spec = {
  selector: { matchLabels: labels },
  template: { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'nginx' }] } },
};

test.each<[string, object, string[]]>([
  ['a good one', spec, []],
  [
    'nothing given',
    { template: { metadata: {}, spec: { containers: null } } },
    [
      'spec.selector: Required value',
      'spec.template.metadata.labels: Invalid value: null: `selector` does not match template `labels`',
      'spec.template.spec.containers: Required value',
    ],
  ],
  [
    'fewer than no replicas',
    { ...spec, replicas: -1 },
    ['spec.replicas: Invalid value: -1: must be greater than or equal to 0'],
  ],
  [
    'another selector',
    { ...spec, selector: { matchLabels: { app: 'y' } } },
    ['spec.template.metadata.labels: Invalid value: {"app":"x"}: `selector` does not match template `labels`'],
  ],
])('Deployments: %s', (_, fields, expected) => {
  expect(foundIn(DEPLOYMENT, { spec: fields })).toEqual(expected);
});

test('selectors of Deployments stay', () => {
  const other = { matchLabels: { app: 'y' } };
  const template = { ...spec.template, metadata: { labels: { app: 'y' } } };
  expect(foundInUpdate(DEPLOYMENT, { spec }, { spec: { ...spec, selector: other, template } })).toEqual([
    'spec.selector: Invalid value: {"matchLabels":{"app":"y"}}: field is immutable',
  ]);
});

test('of StatefulSets little changes', () => {
  const [found = ''] = foundInUpdate(STATEFUL_SET, { spec }, { spec: { ...spec, serviceName: 'other' } });
  expect(found).toContain('spec: Forbidden: updates to statefulset spec for fields other than');
});

test('names that pods cannot have are warned of', () => {
  expect(DEPLOYMENT.warnings?.(objectOf({ metadata: { name: 'a.b' }, spec }), undefined)).toEqual([
    'metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label is recommended: [must not contain dots]',
  ]);
});

test.each<[string, string | undefined]>([
  ['*/5 * * * *', undefined],
  ['0 0 1 jan mon-fri', undefined],
  ['@hourly', undefined],
  ['@every 1h30m', undefined],
  ['* * *', 'expected exactly 5 fields, found 3: [* * *]'],
  ['61 * * * *', 'end of range (61) above maximum (59): 61'],
  ['@sometimes', 'unrecognized descriptor: @sometimes'],
  ['a * * * *', 'failed to parse int from a: strconv.Atoi: parsing "a": invalid syntax'],
  ['*/0 * * * *', 'step of range should be a positive number: */0'],
])('the schedule %j', (schedule, expected) => {
  expect(cronError(schedule)).toBe(expected);
});

test('time zones are not part of a schedule', () => {
  const jobTemplate = { spec: { template: { spec: { ...spec.template.spec, restartPolicy: 'Never' } } } };
  expect(foundIn(CRON_JOB, { spec: { schedule: 'TZ=UTC 0 * * * *', jobTemplate } })).toEqual([
    'spec.schedule: Invalid value: "TZ=UTC 0 * * * *": cannot use TZ or CRON_TZ in schedule, use timeZone field instead',
  ]);
});
