import type { Deployment, DeploymentCondition, DeploymentStatus, ReplicaSet } from '../../model/generated/objects.ts';
import { withCondition } from '../conditions.ts';

type Conditions = readonly DeploymentCondition[] | undefined;

/** `progressDeadlineSeconds` of a Deployment whose progress nobody watches (deployment/util HasProgressDeadline). */
const NO_DEADLINE = 2 ** 31 - 1;

export const hasDeadline = ({ spec }: Deployment): boolean =>
  spec.progressDeadlineSeconds !== undefined && spec.progressDeadlineSeconds !== NO_DEADLINE;

const progressing = (conditions: Conditions): DeploymentCondition | undefined =>
  conditions?.find(({ type }) => type === 'Progressing');

/** The conditions with `Progressing` so. `now` is RFC 3339. */
export const withProgress = (
  conditions: Conditions,
  [status, reason, message]: readonly [status: string, reason: string, message: string],
  now: string,
): DeploymentCondition[] =>
  withCondition(conditions, { type: 'Progressing', status, reason, message, lastUpdateTime: now }, now);

/** What pausing and resuming does to `Progressing`; undefined for nothing (deployment/sync.go checkPausedConditions). */
export function pausedConditions(deployment: Deployment, now: string): DeploymentCondition[] | undefined {
  const before = progressing(deployment.status?.conditions);
  if (!hasDeadline(deployment) || before?.reason === 'ProgressDeadlineExceeded') return undefined;
  const isTold = before?.reason === 'DeploymentPaused';
  if ((deployment.spec.paused === true) === isTold) return undefined;
  return withProgress(
    deployment.status?.conditions,
    isTold
      ? ['Unknown', 'DeploymentResumed', 'Deployment is resumed']
      : ['Unknown', 'DeploymentPaused', 'Deployment is paused'],
    now,
  );
}

/** The status with how far the rollout has come and what of it fails (deployment/progress.go syncRolloutStatus). */
export function withRollout(
  deployment: Deployment,
  status: DeploymentStatus,
  current: ReplicaSet | undefined,
  old: readonly ReplicaSet[],
  now: string,
): DeploymentStatus {
  let conditions = [...(status.conditions ?? [])];
  if (hasDeadline(deployment)) conditions = rollout(deployment, status, current, conditions, now);
  else conditions = conditions.filter(({ type }) => type !== 'Progressing');
  const sets = current === undefined ? old : [current, ...old];
  const failure = sets.flatMap(({ status: of }) => of?.conditions ?? []).find(({ type }) => type === 'ReplicaFailure');
  conditions =
    failure === undefined
      ? conditions.filter(({ type }) => type !== 'ReplicaFailure')
      : withCondition(conditions, { ...failure, lastUpdateTime: now }, now);
  return { ...status, conditions };
}

function rollout(
  deployment: Deployment,
  status: DeploymentStatus,
  current: ReplicaSet | undefined,
  conditions: DeploymentCondition[],
  now: string,
): DeploymentCondition[] {
  const before = progressing(conditions);
  const isOver = status.replicas === status.updatedReplicas && before?.reason === 'NewReplicaSetAvailable';
  if (isOver) return conditions;
  const { name } = deployment.metadata;
  const subject = current === undefined ? `Deployment "${name}"` : `ReplicaSet "${current.metadata.name}"`;
  if (isComplete(deployment, status)) {
    return withProgress(conditions, ['True', 'NewReplicaSetAvailable', `${subject} has successfully progressed.`], now);
  }
  if (hasAdvanced(deployment.status ?? {}, status)) {
    // The same reason again moves the time of update, from which the deadline counts.
    const lastTransitionTime = before?.status === 'True' ? (before.lastTransitionTime ?? now) : now;
    const said = { status: 'True', reason: 'ReplicaSetUpdated', message: `${subject} is progressing.` };
    const others = conditions.filter((condition) => condition !== before);
    return [...others, { type: 'Progressing', ...said, lastUpdateTime: now, lastTransitionTime }];
  }
  if (isLate(deployment, before, now)) {
    return withProgress(
      conditions,
      ['False', 'ProgressDeadlineExceeded', `${subject} has timed out progressing.`],
      now,
    );
  }
  return conditions;
}

/** deployment/util DeploymentComplete. */
export const isComplete = ({ spec, metadata }: Deployment, status: DeploymentStatus): boolean => {
  const wanted = spec.replicas ?? 1;
  const counts = [status.updatedReplicas, status.replicas, status.availableReplicas];
  return (
    counts.every((count = 0) => count === wanted) && (status.observedGeneration ?? 0) >= (metadata.generation ?? 0)
  );
};

/** deployment/util DeploymentProgressing. */
function hasAdvanced(was: DeploymentStatus, is: DeploymentStatus): boolean {
  const outdated = ({ replicas = 0, updatedReplicas = 0 }: DeploymentStatus): number => replicas - updatedReplicas;
  return (
    (is.updatedReplicas ?? 0) > (was.updatedReplicas ?? 0) ||
    outdated(is) < outdated(was) ||
    (is.readyReplicas ?? 0) > (was.readyReplicas ?? 0) ||
    (is.availableReplicas ?? 0) > (was.availableReplicas ?? 0)
  );
}

/** Whether the time without progress is over (deployment/util DeploymentTimedOut). */
function isLate({ spec }: Deployment, before: DeploymentCondition | undefined, now: string): boolean {
  if (before === undefined || before.reason === 'NewReplicaSetAvailable') return false;
  if (before.reason === 'ProgressDeadlineExceeded') return true;
  const since = Date.parse(before.lastUpdateTime ?? now);
  return Date.parse(now) - since >= (spec.progressDeadlineSeconds ?? NO_DEADLINE) * 1000;
}

/** Milliseconds until the progress deadline would be over; undefined when none runs. */
export function untilDeadline(deployment: Deployment, now: number): number | undefined {
  const condition = progressing(deployment.status?.conditions);
  if (!hasDeadline(deployment) || condition === undefined) return undefined;
  if (condition.reason === 'NewReplicaSetAvailable' || condition.reason === 'ProgressDeadlineExceeded')
    return undefined;
  const { progressDeadlineSeconds = 0 } = deployment.spec;
  return Math.max(1, Date.parse(condition.lastUpdateTime ?? '') + progressDeadlineSeconds * 1000 - now);
}
