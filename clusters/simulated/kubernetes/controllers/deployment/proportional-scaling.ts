import type { Deployment, ReplicaSet } from '../../model/generated/objects.ts';
import { desiredBefore, mostBefore } from './revisions.ts';
import { fenceposts, replicasOf, type Scaling } from './rolling-update.ts';

const isActive = (set: ReplicaSet): boolean => replicasOf(set) > 0;
const ageOf = ({ metadata }: ReplicaSet): string => metadata.creationTimestamp ?? '';

/** Whether the Deployment took a new size since its ReplicaSets were scaled last (deployment/sync.go isScalingEvent). */
export const isScaled = ({ spec }: Deployment, sets: readonly ReplicaSet[]): boolean =>
  sets.filter(isActive).some((set) => (desiredBefore(set) ?? spec.replicas) !== spec.replicas);

/**
 * What a new size means for the ReplicaSets of a Deployment that is paused or in the midst of a rollout (deployment/sync.go scale): the
 * one that is up takes it; several share the difference by their sizes, so that the rollout goes neither faster nor slower.
 */
export function shareOut(
  deployment: Deployment,
  current: ReplicaSet | undefined,
  old: readonly ReplicaSet[],
): readonly Scaling[] {
  const wanted = deployment.spec.replicas ?? 1;
  const active = [...old, ...(current === undefined ? [] : [current])].filter(isActive);
  const latest = current ?? [...old].sort((a, b) => ageOf(b).localeCompare(ageOf(a)))[0];
  const only = active.length === 0 ? latest : active[0];
  if (active.length <= 1) {
    // Also where the size is right already: what is noted on the set is not.
    return only === undefined ? [] : [{ set: only, replicas: wanted }];
  }
  if (current !== undefined && isSaturated(current, wanted)) {
    return old.filter(isActive).map((set) => ({ set, replicas: 0 }));
  }
  if (deployment.spec.strategy?.type === 'Recreate') return [];

  const most = wanted > 0 ? wanted + fenceposts(deployment).surge : 0;
  const toAdd = most - active.reduce((sum, set) => sum + replicasOf(set), 0);
  const order = toAdd > 0 ? -1 : 1;
  const sorted = [...active].sort((a, b) => replicasOf(b) - replicasOf(a) || order * ageOf(a).localeCompare(ageOf(b)));
  let added = 0;
  const shares = sorted.map((set) => {
    const share = toAdd === 0 || toAdd === added ? 0 : within(fraction(deployment, set), toAdd - added);
    added += share;
    return share;
  });
  return sorted.map((set, at) => {
    const leftover = at === 0 ? toAdd - added : 0;
    return { set, replicas: Math.max(0, replicasOf(set) + (shares[at] ?? 0) + leftover) };
  });
}

const isSaturated = (set: ReplicaSet, wanted: number): boolean =>
  desiredBefore(set) === wanted && replicasOf(set) === wanted && set.status?.availableReplicas === wanted;

const within = (share: number, left: number): number => (left > 0 ? Math.min(share, left) : Math.max(share, left));

/** How many a ReplicaSet gains or loses by its share of the size before (deployment/util getReplicaSetFraction). */
function fraction(deployment: Deployment, set: ReplicaSet): number {
  const wanted = deployment.spec.replicas ?? 1;
  if (wanted === 0) return -replicasOf(set);
  const known = mostBefore(set) ?? 0;
  const before = known === 0 ? (deployment.status?.replicas ?? 0) : known;
  if (before === 0) return 0;
  const most = wanted + fenceposts(deployment).surge;
  return Math.round((replicasOf(set) * most) / before) - replicasOf(set);
}
