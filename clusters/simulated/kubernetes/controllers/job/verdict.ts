import type { Job, Pod } from '../../model/generated/objects.ts';
import { parseIndexes } from './indexes.ts';

/** What a Job's pods have come to so far. */
export interface Tally {
  readonly succeeded: number;
  readonly failed: number;
  /** Why a rule of the pod failure policy ends the Job. */
  readonly failJob: string | undefined;
  readonly completed: ReadonlySet<number>;
  readonly failedIndexes: ReadonlySet<number>;
  /** How often containers of pods that go on were started again. */
  readonly restarts: number;
}

/** `again`: milliseconds until the deadline. */
export type Verdict =
  | { readonly goes: 'on'; readonly again: number | undefined }
  | { readonly goes: 'complete' | 'failed'; readonly reason: string; readonly message: string };

const failed = (reason: string, message: string): Verdict => ({ goes: 'failed', reason, message });

/** Whether a Job is done and how (job_controller.go syncJob). `startTime` is RFC 3339; times in milliseconds since 1970. */
export function verdictOf(job: Job, tally: Tally, active: number, startTime: string | undefined, now: number): Verdict {
  const { spec, status } = job;
  const heralded = status?.conditions?.find(({ type }) => type === 'FailureTarget' || type === 'SuccessCriteriaMet');
  if (heralded !== undefined) {
    const goes = heralded.type === 'FailureTarget' ? 'failed' : 'complete';
    return { goes, reason: heralded.reason ?? '', message: heralded.message ?? '' };
  }
  if (tally.failJob !== undefined) return failed('PodFailurePolicy', tally.failJob);
  const isPast = tally.failed > (spec.backoffLimit ?? 6) || hasRestartedTooOften(job, tally.restarts);
  if (spec.backoffLimitPerIndex === undefined && isPast) {
    return failed('BackoffLimitExceeded', 'Job has reached the specified backoff limit');
  }
  let again: number | undefined;
  if (spec.activeDeadlineSeconds !== undefined && spec.suspend !== true && startTime !== undefined) {
    again = Date.parse(startTime) + spec.activeDeadlineSeconds * 1000 - now;
    if (again <= 0) return failed('DeadlineExceeded', 'Job was active longer than specified deadline');
  }
  if (spec.maxFailedIndexes !== undefined && tally.failedIndexes.size > spec.maxFailedIndexes) {
    return failed('MaxFailedIndexesExceeded', 'Job has exceeded the specified maximal number of failed indexes');
  }
  const bySuccessPolicy = successRule(job, tally);
  if (bySuccessPolicy !== undefined) {
    return { goes: 'complete', reason: 'SuccessPolicy', message: `Matched rules at index ${bySuccessPolicy}` };
  }
  const reached = {
    goes: 'complete',
    reason: 'CompletionsReached',
    message: 'Reached expected number of succeeded pods',
  } as const;
  if (spec.completions === undefined) return tally.succeeded > 0 && active === 0 ? reached : { goes: 'on', again };
  if (tally.succeeded >= spec.completions) return reached;
  const over = tally.succeeded + tally.failedIndexes.size >= spec.completions;
  if (over && tally.failedIndexes.size > 0) return failed('FailedIndexes', 'Job has failed indexes');
  return { goes: 'on', again };
}

/** Pods that start their own containers again do not fail, so their restarts count (job_controller.go pastBackoffLimitOnFailure). */
function hasRestartedTooOften({ spec }: Job, restarts: number): boolean {
  if (spec.template.spec?.restartPolicy !== 'OnFailure') return false;
  const limit = spec.backoffLimit ?? 6;
  return limit === 0 ? restarts > 0 : restarts >= limit;
}

/** Restarts of the containers of pods that run or start. */
export const restartsOf = (pods: readonly Pod[]): number =>
  pods
    .filter(({ status }) => status?.phase === 'Running' || status?.phase === 'Pending')
    .flatMap(({ status }) => [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])])
    .reduce((sum, { restartCount }) => sum + restartCount, 0);

/** The first rule of the success policy that is met (pkg/controller/job/success_policy.go). */
function successRule({ spec }: Job, { completed }: Tally): number | undefined {
  const rules = spec.successPolicy?.rules ?? [];
  const met = rules.findIndex(({ succeededCount, succeededIndexes }) => {
    const wanted = succeededIndexes === undefined ? undefined : new Set(parseIndexes(succeededIndexes));
    const hits = wanted === undefined ? completed.size : [...completed].filter((index) => wanted.has(index)).length;
    return hits >= (succeededCount ?? wanted?.size ?? Infinity);
  });
  return met === -1 ? undefined : met;
}

/** First wait before another pod after a failure, doubled with each up to the last (backoff_utils.go). */
const FIRST_BACK_OFF_MS = 10_000;
const LAST_BACK_OFF_MS = 600_000;

/** Milliseconds to wait for the next pod, by the failures since the last success. */
export function untilNextTry(pods: readonly Pod[], now: number): number {
  const endOf = (pod: Pod): number =>
    Math.max(
      0,
      ...(pod.status.containerStatuses ?? []).map(({ state }) => Date.parse(state?.terminated?.finishedAt ?? '') || 0),
    ) || Date.parse(pod.metadata.deletionTimestamp ?? pod.metadata.creationTimestamp ?? '');
  const lastSuccess = Math.max(0, ...pods.filter(({ status }) => status?.phase === 'Succeeded').map(endOf));
  const failures = pods
    .filter(({ status }) => status?.phase === 'Failed')
    .map(endOf)
    .filter((end) => end > lastSuccess);
  if (failures.length === 0) return 0;
  const wait = Math.min(FIRST_BACK_OFF_MS * 2 ** (failures.length - 1), LAST_BACK_OFF_MS);
  return Math.max(...failures) + wait - now;
}
