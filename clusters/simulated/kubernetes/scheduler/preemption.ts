import type { Pod, PodDisruptionBudget } from '../model/generated/objects.ts';
import { matchesLabelSelector } from '../model/labels.ts';
import { whyNot } from './filters.ts';
import { fitError } from './fit-error.ts';
import type { Rejection } from './rejection.ts';
import { type NodeInfo, priorityOf, type Snapshot, withNode } from './snapshot.ts';

/** Where pods would have to go so that another can come. */
export interface Candidate {
  readonly node: string;
  /** The most important first. */
  readonly victims: readonly Pod[];
  /** How many of them a disruption budget would have kept. */
  readonly violations: number;
}

export type Preemption =
  | { readonly is: 'possible'; readonly candidate: Candidate }
  | { readonly is: 'useless' | 'too early'; readonly message: string };

const PREEMPTED = 'PreemptionByScheduler';

/**
 * Whom a pod that found no node may push aside (plugins/defaultpreemption, framework/preemption). `rejections` are those of the nodes
 * it may not go to, by name.
 */
export function preempt(
  pod: Pod,
  snapshot: Snapshot,
  rejections: ReadonlyMap<string, Rejection>,
  budgets: readonly PodDisruptionBudget[],
): Preemption {
  const tooEarly = whyNotYet(pod, snapshot, rejections);
  if (tooEarly !== undefined) return { is: 'too early', message: tooEarly };
  const candidates: Candidate[] = [];
  const reasons: (readonly string[])[] = [];
  for (const info of snapshot.nodes) {
    const isHopeless = rejections.get(info.node.metadata.name)?.mayYield !== true;
    const found = isHopeless ? ['Preemption is not helpful for scheduling'] : victimsOn(pod, info, snapshot, budgets);
    if ('victims' in found) candidates.push(found);
    else reasons.push(found);
  }
  const best = candidates.sort(byHarm)[0];
  if (best !== undefined) return { is: 'possible', candidate: best };
  return { is: 'useless', message: fitError({ nodes: snapshot.nodes.length, reasons }) };
}

function whyNotYet(pod: Pod, snapshot: Snapshot, rejections: ReadonlyMap<string, Rejection>): string | undefined {
  if (pod.spec.preemptionPolicy === 'Never') return 'not eligible due to preemptionPolicy=Never.';
  const promised = pod.status?.nominatedNodeName;
  const info = snapshot.nodes.find(({ node }) => node.metadata.name === promised);
  if (info === undefined || rejections.get(info.node.metadata.name)?.mayYield === false) return undefined;
  const isMakingRoom = info.pods.some((other) => priorityOf(other) < priorityOf(pod) && isBeingPreempted(other));
  return isMakingRoom ? 'not eligible due to a terminating pod on the nominated node.' : undefined;
}

const isBeingPreempted = ({ metadata, status }: Pod): boolean =>
  metadata.deletionTimestamp !== undefined &&
  (status?.conditions ?? []).some(({ type, reason }) => type === 'DisruptionTarget' && reason === PREEMPTED);

/** The fewest and least important pods that have to go from a node, or why that would not help (SelectVictimsOnNode). */
function victimsOn(
  pod: Pod,
  info: NodeInfo,
  snapshot: Snapshot,
  budgets: readonly PodDisruptionBudget[],
): Candidate | readonly string[] {
  const lesser = info.pods.filter((other) => priorityOf(other) < priorityOf(pod)).sort(byImportance);
  if (lesser.length === 0) return ['No preemption victims found for incoming pod'];
  const fitsWithout = (gone: readonly Pod[]): Rejection | undefined => {
    const emptied = { ...info, pods: info.pods.filter((other) => !gone.includes(other)) };
    return whyNot(pod, emptied, withNode(snapshot, emptied));
  };
  const rejection = fitsWithout(lesser);
  if (rejection !== undefined) return rejection.reasons;
  const { kept, free } = byBudget(lesser, budgets);
  let gone: readonly Pod[] = lesser;
  for (const other of [...kept, ...free]) {
    const fewer = gone.filter((one) => one !== other);
    if (fitsWithout(fewer) === undefined) gone = fewer;
  }
  const violations = gone.filter((other) => kept.includes(other)).length;
  return { node: info.node.metadata.name, victims: gone, violations };
}

/** The pods that a disruption budget would keep, and the others (filterPodsWithPDBViolation). */
function byBudget(pods: readonly Pod[], budgets: readonly PodDisruptionBudget[]): { kept: Pod[]; free: Pod[] } {
  const allowed = budgets.map(({ status }) => status?.disruptionsAllowed ?? 0);
  const kept = new Set<Pod>();
  for (const pod of pods) {
    for (const [at, { metadata, spec, status }] of budgets.entries()) {
      if (metadata.namespace !== pod.metadata.namespace || isEmpty(spec?.selector)) continue;
      if (!matchesLabelSelector(spec.selector, pod.metadata.labels)) continue;
      if (status?.disruptedPods?.[pod.metadata.name] !== undefined) continue;
      allowed[at] = (allowed[at] ?? 0) - 1;
      if ((allowed[at] ?? 0) < 0) kept.add(pod);
    }
  }
  return { kept: pods.filter((pod) => kept.has(pod)), free: pods.filter((pod) => !kept.has(pod)) };
}

const isEmpty = (selector: PodDisruptionBudget['spec']['selector'] | undefined): boolean =>
  Object.keys(selector?.matchLabels ?? {}).length + (selector?.matchExpressions ?? []).length === 0;

const startOf = ({ metadata, status }: Pod): number =>
  Date.parse(status?.startTime ?? metadata.creationTimestamp ?? '') || 0;

/** By priority, then by how long they run (scheduler/util MoreImportantPod). */
const byImportance = (a: Pod, b: Pod): number => priorityOf(b) - priorityOf(a) || startOf(a) - startOf(b);

/** Which candidate does the least harm (framework/preemption pickOneNodeForPreemption). */
function byHarm(a: Candidate, b: Candidate): number {
  const highest = ({ victims }: Candidate): number => Math.max(...victims.map(priorityOf));
  // Priorities may be negative; each victim counts, so all are lifted above zero.
  const total = ({ victims }: Candidate): number =>
    victims.reduce((sum, victim) => sum + priorityOf(victim) + 2 ** 31, 0);
  const earliest = ({ victims }: Candidate): number =>
    Math.min(...victims.filter((pod) => priorityOf(pod) === priorityOf(victims[0] ?? pod)).map(startOf));
  return (
    a.violations - b.violations ||
    highest(a) - highest(b) ||
    total(a) - total(b) ||
    a.victims.length - b.victims.length ||
    earliest(b) - earliest(a)
  );
}

/** What a pod is told that has to make room (preemption.go PreemptPod). `scheduler` is the preemptor's. */
export const disruption = (scheduler: string) => ({
  type: 'DisruptionTarget',
  status: 'True',
  reason: PREEMPTED,
  message: `${scheduler}: preempting to accommodate a higher priority pod`,
});
