import type { CronJob } from '../../../model/generated/objects.ts';
import { invalid, notSupported, required, type Findings } from '../field-errors.ts';
import { validateNonNegative } from '../numbers.ts';
import { cronError, isTimeZone } from './cron-schedule.ts';
import { validateJobSpec } from './jobs.ts';

/** 63 of a job's name, less the controller's `-29384756`. */
const LONGEST_NAME = 52;
const POLICIES = ['Allow', 'Forbid', 'Replace'];

/** ValidateCronJobCreate of pkg/apis/batch/validation. */
export function validateCronJob(job: CronJob, found: Findings): void {
  validateSpec(job, undefined, found);
  const { name } = job.metadata;
  if (name.length > LONGEST_NAME)
    found.push(invalid('metadata.name', name, `must be no more than ${LONGEST_NAME} characters`));
}

/** ValidateCronJobUpdate */
export const validateCronJobUpdate = (job: CronJob, old: CronJob, found: Findings): void =>
  validateSpec(job, old, found);

function validateSpec({ spec }: CronJob, old: CronJob | undefined, found: Findings): void {
  const { schedule, timeZone, concurrencyPolicy, jobTemplate } = spec;
  if (!schedule) found.push(required('spec.schedule'));
  else validateSchedule(schedule, timeZone, old?.spec.schedule.includes('TZ') === true, found);
  validateNonNegative(spec.startingDeadlineSeconds, 'spec.startingDeadlineSeconds', found);
  if (timeZone !== old?.spec.timeZone) validateTimeZone(timeZone, found);
  if (!concurrencyPolicy) found.push(required('spec.concurrencyPolicy'));
  else if (!POLICIES.includes(concurrencyPolicy))
    found.push(notSupported('spec.concurrencyPolicy', concurrencyPolicy, POLICIES));
  const at = 'spec.jobTemplate.spec';
  const template = jobTemplate?.spec ?? { template: { spec: { containers: [] } } };
  validateJobSpec(template, at, found);
  if (template.selector) found.push(invalid(`${at}.selector`, template.selector, '`selector` will be auto-generated'));
  if (template.manualSelector === true) found.push(notSupported(`${at}.manualSelector`, true, ['nil', 'false']));
  validateNonNegative(spec.successfulJobsHistoryLimit, 'spec.successfulJobsHistoryLimit', found);
  validateNonNegative(spec.failedJobsHistoryLimit, 'spec.failedJobsHistoryLimit', found);
}

function validateSchedule(schedule: string, timeZone: string | undefined, hadZone: boolean, found: Findings): void {
  const wrong = cronError(schedule);
  if (wrong !== undefined) found.push(invalid('spec.schedule', schedule, wrong));
  if (!schedule.includes('TZ')) return;
  if (!hadZone) {
    found.push(invalid('spec.schedule', schedule, 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead'));
  } else if (timeZone !== undefined) {
    found.push(invalid('spec.schedule', schedule, 'cannot use both timeZone field and TZ or CRON_TZ in schedule'));
  }
}

function validateTimeZone(zone: string | undefined, found: Findings): void {
  if (zone === undefined) return;
  const say = (why: string): void => void found.push(invalid('spec.timeZone', zone, why));
  if (zone === '') return say('timeZone must be nil or non-empty string');
  const parts = zone.split('/');
  if (parts.some((part) => part === '.' || part === '..' || !/^[A-Za-z._0-9+][A-Za-z._0-9+-]{0,13}$/.test(part))) {
    return say(`unknown time zone ${zone}`);
  }
  if (zone.toLowerCase() === 'local')
    say('timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones');
  else if (!isTimeZone(zone)) say(`unknown time zone ${zone}`);
}
