/** A condition of a CustomResourceDefinition. */
export interface Condition {
  type: string;
  status: string;
  reason?: string;
  message?: string;
  lastTransitionTime?: string;
}

export const CLEANUP = 'customresourcecleanup.apiextensions.k8s.io';

/** How far the end of a definition has come (apiextensions-apiserver/pkg/controller/finalizer). */
const TERMINATING = {
  pending: [
    'True',
    'InstanceDeletionPending',
    'CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon',
  ],
  inProgress: ['True', 'InstanceDeletionInProgress', 'CustomResource deletion is in progress'],
  completed: ['False', 'InstanceDeletionCompleted', 'removed all instances'],
} as const;

export function terminating(stage: keyof typeof TERMINATING, now: string): Condition {
  const [status, reason, message] = TERMINATING[stage];
  return { lastTransitionTime: now, message, reason, status, type: 'Terminating' };
}

/** SetCRDCondition: in its place, or last; the time stays while the status does. */
export function withCondition(conditions: readonly Condition[] | null | undefined, condition: Condition): Condition[] {
  const all = conditions ?? [];
  const old = all.find(({ type }) => type === condition.type);
  if (!old) return [...all, condition];
  const { lastTransitionTime = '' } = old.status === condition.status ? old : condition;
  return all.map((one) => (one === old ? { ...condition, lastTransitionTime } : one));
}
