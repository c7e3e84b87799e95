import type { LabelSelector, Pod, PodAffinityTerm } from '../../model/generated/objects.ts';

type Labels = Readonly<Record<string, string>>;

/**
 * What a pod's own labels mean for its terms and constraints becomes part of their selectors when the pod is made
 * (pkg/registry/core/pod/strategy.go mutatePodAffinity, mutateTopologySpreadConstraints).
 */
export function mergeLabelKeys({ metadata, spec }: Pod): void {
  const { labels = {} } = metadata;
  const { podAffinity = {}, podAntiAffinity = {} } = (spec as Pod['spec'] | undefined)?.affinity ?? {};
  for (const affinity of [podAffinity, podAntiAffinity]) {
    for (const { podAffinityTerm } of affinity.preferredDuringSchedulingIgnoredDuringExecution ?? []) {
      if (podAffinityTerm as PodAffinityTerm | undefined) mergeTerm(podAffinityTerm, labels);
    }
    for (const term of affinity.requiredDuringSchedulingIgnoredDuringExecution ?? []) mergeTerm(term, labels);
  }
  for (const constraint of (spec as Pod['spec'] | undefined)?.topologySpreadConstraints ?? []) {
    merge(constraint, constraint.matchLabelKeys, 'In', labels);
  }
}

function mergeTerm(term: PodAffinityTerm, labels: Labels): void {
  merge(term, term.matchLabelKeys, 'In', labels);
  merge(term, term.mismatchLabelKeys, 'NotIn', labels);
}

/** A selector that is not there selects nothing, and goes on doing so. */
function merge(
  term: { labelSelector?: LabelSelector },
  keys: readonly string[] = [],
  operator: 'In' | 'NotIn',
  labels: Labels,
): void {
  const { labelSelector: selector } = term;
  if (!selector || keys.length === 0) return;
  const own = keys.flatMap((key) => {
    const value = labels[key];
    return value === undefined ? [] : [{ key, operator, values: [value] }];
  });
  if (own.length > 0) {
    term.labelSelector = { ...selector, matchExpressions: [...(selector.matchExpressions ?? []), ...own] };
  }
}
