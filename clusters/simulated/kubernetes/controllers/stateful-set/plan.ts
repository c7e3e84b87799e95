import type { Pod, StatefulSet } from '../../model/generated/objects.ts';
import { ordinalOf, REVISION_LABEL } from './pods.ts';

/** One thing to do for a StatefulSet. */
export type Step =
  | { readonly does: 'create'; readonly ordinal: number; readonly of: 'current' | 'update' }
  | { readonly does: 'delete'; readonly pod: Pod }
  | { readonly does: 'recreate'; readonly pod: Pod };

export interface PlanFacts {
  readonly set: StatefulSet;
  readonly pods: readonly Pod[];
  /** Name of the revision that the template is now. */
  readonly updateRevision: string;
  /** Whether a pod runs, is ready, and has been for `minReadySeconds`. */
  readonly isAvailable: (pod: Pod) => boolean;
}

const isLeaving = ({ metadata }: Pod): boolean => metadata.deletionTimestamp !== undefined;
const hasEnded = ({ status }: Pod): boolean => status?.phase === 'Failed' || status?.phase === 'Succeeded';

/** First and, exclusively, last ordinal. */
function ordinalRange({ spec }: StatefulSet): { start: number; end: number } {
  const start = spec.ordinals?.start ?? 0;
  return { start, end: start + (spec.replicas ?? 1) };
}

/**
 * What to do next (stateful_set_control.go updateStatefulSet). In order, one pod waits for the one before it; with
 * `podManagementPolicy: Parallel` none waits. An update goes from the highest ordinal down to the partition.
 */
export function planOf(facts: PlanFacts): readonly Step[] {
  const { set, pods, isAvailable } = facts;
  const inOrder = set.spec.podManagementPolicy !== 'Parallel';
  const { start, end } = ordinalRange(set);
  const byOrdinal = new Map(pods.map((pod) => [ordinalOf(set, pod), pod]));
  const steps: Step[] = [];
  for (let ordinal = start; ordinal < end; ordinal++) {
    const pod = byOrdinal.get(ordinal);
    if (pod === undefined) steps.push({ does: 'create', ordinal, of: revisionFor(facts, ordinal) });
    else if (hasEnded(pod) && !isLeaving(pod)) steps.push({ does: 'recreate', pod });
    else if (!inOrder || (!isLeaving(pod) && isAvailable(pod))) continue;
    if (inOrder) return steps;
  }
  const condemned = [...byOrdinal.values()]
    .filter((pod) => !isWithin(ordinalOf(set, pod), start, end))
    .sort((a, b) => ordinalOf(set, b) - ordinalOf(set, a));
  for (const pod of condemned) {
    if (!isLeaving(pod)) steps.push({ does: 'delete', pod });
    if (inOrder) return steps;
  }
  if (steps.length > 0 || set.spec.updateStrategy?.type === 'OnDelete') return steps;
  return updates(facts, byOrdinal);
}

const isWithin = (ordinal: number, start: number, end: number): boolean => ordinal >= start && ordinal < end;

/** Below the partition, and while an update without one has not come so far, a pod comes back as it was. */
function revisionFor({ set }: PlanFacts, ordinal: number): 'current' | 'update' {
  const { start } = ordinalRange(set);
  const rolling = set.spec.updateStrategy?.rollingUpdate;
  if (set.spec.updateStrategy?.type === 'OnDelete') return 'update';
  const kept = rolling === undefined ? (set.status?.currentReplicas ?? 0) : (rolling.partition ?? 0);
  return ordinal < start + kept ? 'current' : 'update';
}

function updates(facts: PlanFacts, byOrdinal: ReadonlyMap<number, Pod>): readonly Step[] {
  const { set, updateRevision, isAvailable } = facts;
  const { start, end } = ordinalRange(set);
  const rolling = set.spec.updateStrategy?.rollingUpdate;
  const inRange = [...byOrdinal].filter(([ordinal]) => isWithin(ordinal, start, end)).map(([, pod]) => pod);
  // One at a time: maxUnavailable is behind a gate that is off by default in 1.36 (MaxUnavailableStatefulSet).
  let room = 1 - inRange.filter((pod) => isLeaving(pod) || !isAvailable(pod)).length;
  const steps: Step[] = [];
  for (let ordinal = end - 1; ordinal >= start + (rolling?.partition ?? 0); ordinal--) {
    const pod = byOrdinal.get(ordinal);
    if (pod === undefined || isLeaving(pod)) continue;
    if (pod.metadata.labels?.[REVISION_LABEL] === updateRevision) continue;
    // One that does not run does not count: it goes all the same (no pod is made better by waiting for it).
    if (isAvailable(pod) && room-- <= 0) return steps;
    steps.push({ does: 'delete', pod });
    if (!isAvailable(pod)) return steps;
  }
  return steps;
}
