import type { Deployment, DeploymentCondition, DeploymentStatus, ReplicaSet } from '../../model/generated/objects.ts';
import { withCondition } from '../conditions.ts';
import { fenceposts } from './rolling-update.ts';

const sum = (sets: readonly ReplicaSet[], of: (set: ReplicaSet) => number | undefined): number =>
  sets.reduce((total, set) => total + (of(set) ?? 0), 0);

/** Everything of the status but how far a rollout has come (deployment/sync.go calculateStatus). `now` is RFC 3339. */
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

  const conditions = availability(deployment.status?.conditions, available >= wanted - mayMiss, now);
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
