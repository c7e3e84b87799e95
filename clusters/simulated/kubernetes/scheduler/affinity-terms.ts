import type { Pod, PodAffinityTerm } from '../model/generated/objects.ts';
import { matchesLabelSelector } from '../model/labels.ts';
import type { NodeInfo, Snapshot } from './snapshot.ts';

/**
 * Whether a pod is one that a term of another pod's (anti-)affinity speaks of (kube-scheduler/framework AffinityTerm.Matches): in the
 * namespaces it names or selects, or else in the other's own.
 */
export function termMatches(term: PodAffinityTerm, owner: Pod, pod: Pod, snapshot: Snapshot): boolean {
  const namespace = pod.metadata.namespace ?? '';
  const { namespaces = [], namespaceSelector } = term;
  const isThere =
    namespaces.includes(namespace) ||
    (namespaceSelector === undefined
      ? namespaces.length === 0 && namespace === owner.metadata.namespace
      : matchesLabelSelector(namespaceSelector, snapshot.namespaceLabels(namespace)));
  return isThere && matchesLabelSelector(term.labelSelector, pod.metadata.labels) && sharesKeys(term, owner, pod);
}

/** `matchLabelKeys` and `mismatchLabelKeys` compare a label of both pods, where the term's owner has it. */
function sharesKeys({ matchLabelKeys = [], mismatchLabelKeys = [] }: PodAffinityTerm, owner: Pod, pod: Pod): boolean {
  const isSame = (key: string): boolean => owner.metadata.labels?.[key] === pod.metadata.labels?.[key];
  const has = (key: string): boolean => owner.metadata.labels?.[key] !== undefined;
  return matchLabelKeys.filter(has).every(isSame) && !mismatchLabelKeys.filter(has).some(isSame);
}

/** Whether two nodes are one place in a topology; a node without the label is in none. */
export const sameDomain = (key: string, a: NodeInfo, b: NodeInfo): boolean => {
  const value = a.node.metadata.labels?.[key];
  return value !== undefined && value === b.node.metadata.labels?.[key];
};
