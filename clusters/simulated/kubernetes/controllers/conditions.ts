interface Condition {
  type: string;
  status: string;
  reason?: string;
  message?: string;
  lastTransitionTime?: string;
  lastUpdateTime?: string;
}

/**
 * The list with this condition set. The time of transition moves only when the status does; nothing changes, not even the
 * time of update, when status and reason are as they were (deployment/util SetDeploymentCondition).
 */
export function withCondition<T extends Condition>(
  conditions: readonly T[] | undefined,
  condition: T,
  now: string,
): T[] {
  const before = (conditions ?? []).find(({ type }) => type === condition.type);
  if (before?.status === condition.status && before.reason === condition.reason) return [...(conditions ?? [])];
  const lastTransitionTime = before?.status === condition.status ? (before.lastTransitionTime ?? now) : now;
  const set = { ...condition, lastTransitionTime };
  return [...(conditions ?? []).filter(({ type }) => type !== condition.type), set];
}
