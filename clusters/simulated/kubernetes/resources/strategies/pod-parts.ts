import type { Pod, PodCondition } from '../../model/generated/objects.ts';

/**
 * What an update of a pod's status leaves out but may not take away (pkg/registry/core/pod/strategy.go podStatusStrategy): its quality of
 * service, its owners, and the generations its status and conditions speak of.
 */
export function keepObserved(pod: Pod, old: Pod): void {
  keepMetadata(pod, old, ['ownerReferences']);
  const { status: then } = old;
  if (!then) return;
  const status = { ...pod.status };
  if (!status.qosClass && then.qosClass) status.qosClass = then.qosClass;
  if (!status.observedGeneration && then.observedGeneration) status.observedGeneration = then.observedGeneration;
  const before = (then.conditions ?? []).filter(({ observedGeneration }) => observedGeneration);
  if (status.conditions && before.length > 0) status.conditions = observed(status.conditions, then.conditions ?? []);
  pod.status = status;
}

/** There may be several conditions of a type; each takes after the one in its place. */
function observed(conditions: readonly PodCondition[], then: readonly PodCondition[]): PodCondition[] {
  const seen = new Map<string, number>();
  return conditions.map((condition) => {
    const nth = seen.get(condition.type) ?? 0;
    seen.set(condition.type, nth + 1);
    const generation = then.filter(({ type }) => type === condition.type)[nth]?.observedGeneration;
    return condition.observedGeneration || !generation ? condition : { ...condition, observedGeneration: generation };
  });
}

const ALL = ['labels', 'annotations', 'finalizers', 'ownerReferences'] as const;

/** ResetObjectMetaForStatus: what a part of a pod does not speak for. */
export function keepMetadata(pod: Pod, old: Pod, kept: readonly (typeof ALL)[number][] = ALL): void {
  for (const field of kept) {
    const value = old.metadata[field];
    if (value === undefined) delete pod.metadata[field];
    else Object.assign(pod.metadata, { [field]: structuredClone(value) });
  }
}
