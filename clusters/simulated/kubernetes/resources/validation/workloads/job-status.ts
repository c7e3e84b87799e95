import type { Job, JobStatus } from '../../../model/generated/objects.ts';
import { duplicate, invalid, invalidWithoutValue, required, type Findings } from '../field-errors.ts';
import { sameValue } from '../immutable.ts';
import { validateNonNegative } from '../numbers.ts';
import { countIndexes } from './job-policies.ts';

const CONDITIONS = 'status.conditions';

type Status = Partial<JobStatus>;

const has = (status: Status, type: string): boolean =>
  (status.conditions ?? []).some((one) => one.type === type && one.status === 'True');
const isFinished = (status: Status): boolean => has(status, 'Complete') || has(status, 'Failed');

/**
 * ValidateJobUpdateStatus of pkg/apis/batch/validation. Rules ask only what the update changed (getStatusValidationOptions), so that a
 * status which breaks one may be mended step by step.
 */
export function validateJobStatus(job: Job, old: Job, found: Findings): void {
  const [status, before] = [(job.status ?? {}) as Status, (old.status ?? {}) as Status];
  for (const field of ['active', 'succeeded', 'failed', 'ready', 'terminating'] as const) {
    validateNonNegative(status[field], `status.${field}`, found);
  }
  validateUncounted(status, found);
  validateConditions(status, before, found);
  validateIndexes(job, status, before, found);
  validateSuccess(job, status, found);
  validateTransition(job, status, before, found);
}

function validateUncounted({ uncountedTerminatedPods: pods }: Status, found: Findings): void {
  const seen = new Set<string>();
  for (const list of ['succeeded', 'failed'] as const) {
    for (const [i, uid] of (pods?.[list] ?? []).entries()) {
      const at = `status.uncountedTerminatedPods.${list}[${i}]`;
      if (uid === '') found.push(invalid(at, uid, 'must not be empty'));
      else if (seen.has(uid)) found.push(duplicate(at, uid));
      seen.add(uid);
    }
  }
}

function validateConditions(status: Status, before: Status, found: Findings): void {
  const changed = (type: string): boolean => has(status, type) !== has(before, type);
  const say = (why: string): void => void found.push(invalidWithoutValue(CONDITIONS, why));
  const [complete, failed, finished] = [has(status, 'Complete'), has(status, 'Failed'), isFinished(status)];
  const ended = finished !== isFinished(before);
  const { completionTime, startTime, active = 0 } = status;
  if (complete && failed && (changed('Complete') || changed('Failed'))) {
    say('cannot set Complete=True and Failed=true conditions');
  }
  if (complete && has(status, 'FailureTarget') && (changed('Complete') || changed('FailureTarget'))) {
    say('cannot set Complete=True and FailureTarget=true conditions');
  }
  const newTime = !sameValue(completionTime, before.completionTime);
  if (completionTime !== undefined && !complete && (changed('Complete') || newTime)) {
    const why = 'cannot set completionTime when there is no Complete=True condition';
    found.push(invalid('status.completionTime', completionTime, why));
  }
  if (completionTime === undefined && complete && (changed('Complete') || newTime)) {
    found.push(required('status.completionTime', 'completionTime is required for Complete jobs'));
  }
  if (startTime !== undefined && completionTime !== undefined && completionTime < startTime) {
    if (newTime || !sameValue(startTime, before.startTime)) {
      found.push(invalid('status.completionTime', completionTime, 'must be equal to or after `startTime`'));
    }
  }
  if (failed && changed('Failed') && !has(status, 'FailureTarget')) {
    say('cannot set Failed=True condition without the FailureTarget=true condition');
  }
  if (complete && changed('Complete') && !has(status, 'SuccessCriteriaMet')) {
    say('cannot set Complete=True condition without the SuccessCriteriaMet=true condition');
  }
  if (active > 0 && finished && (ended || active !== (before.active ?? 0))) {
    found.push(invalid('status.active', active, 'active>0 is invalid for finished job'));
  }
  if (startTime === undefined && finished && (ended || !sameValue(startTime, before.startTime))) {
    found.push(required('status.startTime', 'startTime is required for finished job'));
  }
  const { terminating, ready } = status;
  if ((terminating ?? 0) > 0 && finished && (ended || terminating !== before.terminating)) {
    found.push(invalid('status.terminating', terminating, 'terminating>0 is invalid for finished job'));
  }
  if (ready !== undefined && ready > active && (ready !== before.ready || active !== (before.active ?? 0))) {
    found.push(invalid('status.ready', ready, 'cannot set more ready pods than active'));
  }
}

function validateIndexes({ spec }: Job, status: Status, before: Status, found: Findings): void {
  const { completions, completionMode, backoffLimitPerIndex } = spec;
  const { completedIndexes = '', failedIndexes } = status;
  if (completedIndexes !== (before.completedIndexes ?? '')) {
    const wrong = completions === undefined ? 0 : countIndexes(completedIndexes, completions);
    if (typeof wrong === 'string') {
      found.push(invalid('status.completedIndexes', completedIndexes, `error parsing completedIndexes: ${wrong}`));
    }
    if (completedIndexes !== '' && completionMode !== 'Indexed') {
      const why = 'cannot set non-empty completedIndexes when non-indexed completion mode';
      found.push(invalid('status.completedIndexes', completedIndexes, why));
    }
  }
  if (failedIndexes === undefined || failedIndexes === before.failedIndexes) return;
  if (backoffLimitPerIndex === undefined) {
    const why = 'cannot set non-null failedIndexes when backoffLimitPerIndex is null';
    found.push(invalid('status.failedIndexes', failedIndexes, why));
    return;
  }
  const wrong = completions === undefined ? 0 : countIndexes(failedIndexes, completions);
  if (typeof wrong === 'string') {
    found.push(invalid('status.failedIndexes', failedIndexes, `error parsing failedIndexes: ${wrong}`));
  }
}

function validateSuccess({ spec }: Job, status: Status, found: Findings): void {
  const say = (why: string): void => void found.push(invalidWithoutValue(CONDITIONS, why));
  const met = has(status, 'SuccessCriteriaMet');
  if (met && has(status, 'Failed')) say('cannot set SuccessCriteriaMet=True and Failed=true conditions');
  if (met && has(status, 'FailureTarget')) say('cannot set SuccessCriteriaMet=True and FailureTarget=true conditions');
  if (spec.successPolicy && !met && has(status, 'Complete')) {
    say('cannot set Complete=True for Job with SuccessPolicy unless SuccessCriteriaMet=True');
  }
}

/** ValidateJobStatusUpdate: what has ended does not begin again, and counters count up. */
function validateTransition({ spec }: Job, status: Status, before: Status, found: Findings): void {
  for (const type of ['Failed', 'Complete', 'FailureTarget']) {
    if (has(before, type) && !has(status, type)) {
      found.push(invalidWithoutValue(CONDITIONS, `cannot disable the terminal ${type}=True condition`));
    }
  }
  const shrinks = spec.completionMode === 'Indexed' && spec.completions === spec.parallelism;
  for (const field of ['failed', 'succeeded'] as const) {
    if (field === 'succeeded' && shrinks) continue;
    const count = status[field] ?? 0;
    if (count < (before[field] ?? 0)) {
      found.push(invalid(`status.${field}`, count, `cannot decrease the ${field} counter`));
    }
  }
  const { completionTime, startTime } = status;
  if (completionTime !== undefined && before.completionTime !== undefined && completionTime !== before.completionTime) {
    found.push(invalid('status.completionTime', completionTime, 'field is immutable'));
  }
  if (before.startTime !== undefined && before.startTime !== startTime && spec.suspend !== true) {
    found.push(required('status.startTime', 'startTime cannot be removed for unsuspended job'));
  }
  if (has(before, 'SuccessCriteriaMet') && !has(status, 'SuccessCriteriaMet')) {
    found.push(invalidWithoutValue(CONDITIONS, 'cannot disable the SuccessCriteriaMet=True condition'));
  }
}
