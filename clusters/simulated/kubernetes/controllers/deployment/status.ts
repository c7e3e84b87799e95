import type { Deployment, DeploymentCondition, DeploymentStatus, ReplicaSet } from '../../model/generated/objects.ts';
import { withCondition } from '../conditions.ts';
import { fenceposts } from './rolling-update.ts';

const sum = (sets: readonly ReplicaSet[], of: (set: ReplicaSet) => number | undefined): number =>
  sets.reduce((total, set) => total + (of(set) ?? 0), 0);

/** Everything of the status, as deployment/sync.go and progress.go work it out. `now` is RFC 3339. */
export function deploymentStatus(
  deployment: Deployment,
  current: ReplicaSet | undefined,
  old: readonly ReplicaSet[],
  now: string,
): DeploymentStatus {
  const all = current === undefined ? old : [...old, current];
  const { unavailable: mayMiss } = fenceposts(deployment);
  const wanted = deployment.spec.replicas ?? 1;
  const replicas = sum(all, ({ status }) => status?.replicas);
  const available = sum(all, ({ status }) => status?.availableReplicas);
  const counts = {
    observedGeneration: deployment.metadata.generation ?? 0,
    replicas,
    updatedReplicas: current?.status?.replicas ?? 0,
    readyReplicas: sum(all, ({ status }) => status?.readyReplicas),
    availableReplicas: available,
    unavailableReplicas: Math.max(0, sum(all, ({ spec }) => spec.replicas) - available),
    terminatingReplicas: sum(all, ({ status }) => status?.terminatingReplicas),
    collisionCount: deployment.status?.collisionCount ?? 0,
  };

  let conditions = availability(deployment.status?.conditions, available >= wanted - mayMiss, now);
  conditions = progress(deployment, current, counts, conditions, now);
  const failure = all.flatMap(({ status }) => status?.conditions ?? []).find(({ type }) => type === 'ReplicaFailure');
  conditions =
    failure === undefined
      ? conditions.filter(({ type }) => type !== 'ReplicaFailure')
      : withCondition(conditions, { ...failure, lastUpdateTime: now }, now);
  const { collisionCount, ...always } = counts;
  return { ...always, ...(collisionCount === 0 ? {} : { collisionCount }), conditions };
}

function availability(
  conditions: readonly DeploymentCondition[] | undefined,
  isAvailable: boolean,
  now: string,
): DeploymentCondition[] {
  const condition = isAvailable
    ? { status: 'True', reason: 'MinimumReplicasAvailable', message: 'Deployment has minimum availability.' }
    : {
        status: 'False',
        reason: 'MinimumReplicasUnavailable',
        message: 'Deployment does not have minimum availability.',
      };
  return withCondition(conditions, { type: 'Available', ...condition, lastUpdateTime: now }, now);
}

interface Counts {
  readonly replicas: number;
  readonly updatedReplicas: number;
  readonly availableReplicas: number;
  readonly observedGeneration: number;
}

function progress(
  deployment: Deployment,
  current: ReplicaSet | undefined,
  counts: Counts,
  conditions: DeploymentCondition[],
  now: string,
): DeploymentCondition[] {
  const before = conditions.find(({ type }) => type === 'Progressing');
  const set = (status: string, reason: string, message: string): DeploymentCondition[] =>
    withCondition(conditions, { type: 'Progressing', status, reason, message, lastUpdateTime: now }, now);
  const subject =
    current === undefined ? `Deployment "${deployment.metadata.name}"` : `ReplicaSet "${current.metadata.name}"`;

  if (deployment.spec.paused === true) return set('Unknown', 'DeploymentPaused', 'Deployment is paused');
  if (before?.reason === 'DeploymentPaused') return set('Unknown', 'DeploymentResumed', 'Deployment is resumed');
  const wanted = deployment.spec.replicas ?? 1;
  const complete =
    counts.updatedReplicas === wanted &&
    counts.replicas === wanted &&
    counts.availableReplicas === wanted &&
    current !== undefined;
  if (complete) return set('True', 'NewReplicaSetAvailable', `${subject} has successfully progressed.`);
  if (before === undefined)
    return set('True', 'NewReplicaSetCreated', `Created new replica set "${current?.metadata.name}"`);

  const was = deployment.status ?? {};
  const advanced =
    counts.updatedReplicas > (was.updatedReplicas ?? 0) ||
    counts.replicas - counts.updatedReplicas < (was.replicas ?? 0) - (was.updatedReplicas ?? 0) ||
    counts.availableReplicas > (was.availableReplicas ?? 0);
  if (advanced || (before.reason === 'NewReplicaSetAvailable' && counts.updatedReplicas < wanted)) {
    const others = conditions.filter(({ type }) => type !== 'Progressing');
    const condition = {
      type: 'Progressing',
      status: 'True',
      reason: 'ReplicaSetUpdated',
      message: `${subject} is progressing.`,
      lastUpdateTime: now,
      lastTransitionTime: before.status === 'True' ? (before.lastTransitionTime ?? now) : now,
    };
    return [...others, condition];
  }
  const deadline = deployment.spec.progressDeadlineSeconds;
  const since = Date.parse(before.lastUpdateTime ?? now);
  if (
    before.reason !== 'NewReplicaSetAvailable' &&
    deadline !== undefined &&
    Date.parse(now) - since >= deadline * 1000
  ) {
    return set('False', 'ProgressDeadlineExceeded', `${subject} has timed out progressing.`);
  }
  return conditions;
}

/** Milliseconds until the progress deadline would be over; undefined when none runs. */
export function untilDeadline({ spec, status }: Deployment, now: number): number | undefined {
  const progressing = status?.conditions?.find(({ type }) => type === 'Progressing');
  if (spec.progressDeadlineSeconds === undefined || progressing === undefined) return undefined;
  if (progressing.reason === 'NewReplicaSetAvailable' || progressing.reason === 'ProgressDeadlineExceeded')
    return undefined;
  return Math.max(1, Date.parse(progressing.lastUpdateTime ?? '') + spec.progressDeadlineSeconds * 1000 - now);
}
