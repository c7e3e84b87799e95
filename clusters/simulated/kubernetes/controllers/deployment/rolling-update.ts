import type { Deployment, ReplicaSet } from '../../model/generated/objects.ts';

/** A number of pods, or a percentage of all of them, rounded as said (intstr.GetScaledValueFromIntOrPercent). */
function scaled(value: number | string | undefined, of: number, round: (n: number) => number): number {
  if (typeof value === 'string' && value.endsWith('%')) return round((Number(value.slice(0, -1)) * of) / 100);
  return Number(value ?? 0);
}

/** How far a rollout may exceed and fall short of the replicas; never both zero (deployment/util ResolveFenceposts). */
export function fenceposts({ spec }: Deployment): { surge: number; unavailable: number } {
  const replicas = spec.replicas ?? 1;
  if (spec.strategy?.type === 'Recreate') return { surge: 0, unavailable: 0 };
  const surge = scaled(spec.strategy?.rollingUpdate?.maxSurge, replicas, Math.ceil);
  const unavailable = scaled(spec.strategy?.rollingUpdate?.maxUnavailable, replicas, Math.floor);
  return { surge, unavailable: surge === 0 && unavailable === 0 ? 1 : Math.min(unavailable, replicas) };
}

export interface Scaling {
  readonly set: ReplicaSet;
  readonly replicas: number;
}

export const replicasOf = (set: ReplicaSet): number => set.spec.replicas ?? 1;
const availableOf = (set: ReplicaSet): number => set.status?.availableReplicas ?? 0;
const sum = (sets: readonly ReplicaSet[], of: (set: ReplicaSet) => number): number =>
  sets.reduce((total, set) => total + of(set), 0);

/**
 * What to scale next, if anything (deployment/rolling.go): first the new ReplicaSet up to what the surge allows, else the old
 * ones down by what may be unavailable, their unhealthy pods first.
 */
export function nextScaling(
  deployment: Deployment,
  current: ReplicaSet,
  old: readonly ReplicaSet[],
): readonly Scaling[] {
  const wanted = deployment.spec.replicas ?? 1;
  const { surge, unavailable } = fenceposts(deployment);
  const all = [...old, current];
  if (replicasOf(current) > wanted) return [{ set: current, replicas: wanted }];
  const room = wanted + surge - sum(all, replicasOf);
  if (replicasOf(current) < wanted && room > 0) {
    return [{ set: current, replicas: replicasOf(current) + Math.min(room, wanted - replicasOf(current)) }];
  }
  if (sum(old, replicasOf) === 0) return [];

  const minimum = wanted - unavailable;
  const unready = replicasOf(current) - availableOf(current);
  let budget = sum(all, replicasOf) - minimum - unready;
  const scalings = new Map<ReplicaSet, number>();
  const oldest = [...old].sort(
    (a, b) => (a.metadata.creationTimestamp ?? '').localeCompare(b.metadata.creationTimestamp ?? '') || 0,
  );
  for (const set of oldest) {
    const unhealthy = Math.min(budget, replicasOf(set) - availableOf(set));
    if (unhealthy <= 0) continue;
    scalings.set(set, replicasOf(set) - unhealthy);
    budget -= unhealthy;
  }
  let healthyBudget = Math.min(budget, sum(all, availableOf) - minimum);
  for (const set of oldest) {
    const left = scalings.get(set) ?? replicasOf(set);
    const fewer = Math.min(healthyBudget, left);
    if (fewer <= 0) continue;
    scalings.set(set, left - fewer);
    healthyBudget -= fewer;
  }
  return [...scalings].map(([set, replicas]) => ({ set, replicas }));
}

/** `Recreate`: what is scaled down before anything new begins (deployment/recreate.go). */
export const endings = (old: readonly ReplicaSet[]): readonly Scaling[] =>
  old.filter((set) => replicasOf(set) > 0).map((set) => ({ set, replicas: 0 }));
