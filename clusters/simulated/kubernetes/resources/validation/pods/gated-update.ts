import type { Affinity, NodeAffinity, NodeSelectorTerm, PodSpec } from '../../../model/generated/objects.ts';
import { invalid, type Findings } from '../field-errors.ts';
import { sameValue } from '../immutable.ts';
import { internalValue } from '../internal-values.ts';

const TERM = 'io.k8s.api.core.v1.NodeSelectorTerm';
const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution';

/** A pod that waits behind its gates may become pickier about its node; the spec with what it wants of one as it was. */
export function withoutNodeChoice(spec: PodSpec, old: PodSpec, found: Findings): PodSpec {
  validateSelectorMutation(spec.nodeSelector, old.nodeSelector, found);
  const after = withField(spec, 'nodeSelector', old.nodeSelector);
  const [now, then] = [spec.affinity?.nodeAffinity, old.affinity?.nodeAffinity];
  if (sameValue(now, then)) return after;
  validateAffinityMutation(now, then, found);
  return withField(after, 'affinity', withOldNodes(spec.affinity, old.affinity));
}

function withOldNodes(affinity: Affinity | undefined, old: Affinity | undefined): Affinity | undefined {
  const then = old?.nodeAffinity;
  if (!affinity) return then && { nodeAffinity: then };
  if (!old && !affinity.podAffinity && !affinity.podAntiAffinity) return undefined;
  return withField(affinity, 'nodeAffinity', then);
}

/** validateNodeSelectorMutation */
function validateSelectorMutation(now: PodSpec['nodeSelector'], then: PodSpec['nodeSelector'], found: Findings): void {
  if (Object.entries(then ?? {}).every(([key, value]) => now?.[key] === value)) return;
  const why = 'only additions to spec.nodeSelector are allowed (no mutations or deletions)';
  found.push(invalid('spec.nodeSelector', now, why));
}

/** validateNodeAffinityMutation */
function validateAffinityMutation(
  now: NodeAffinity | undefined,
  then: NodeAffinity | undefined,
  found: Findings,
): void {
  const oldTerms = then?.[REQUIRED]?.nodeSelectorTerms ?? [];
  const terms = now?.[REQUIRED]?.nodeSelectorTerms;
  const field = `spec.affinity.nodeAffinity.${REQUIRED}.nodeSelectorTerms`;
  if (oldTerms.length > 0 && oldTerms.length !== (terms ?? []).length) {
    const why = 'no additions/deletions to non-empty NodeSelectorTerms list are allowed';
    return void found.push(
      invalid(
        field,
        terms?.map((term) => internalValue(term, TERM)),
        why,
      ),
    );
  }
  for (const [i, old] of oldTerms.entries()) {
    const term = terms?.[i] ?? {};
    if (hasOnlyAdditions(term, old)) continue;
    const why = 'only additions are allowed (no mutations or deletions)';
    found.push(invalid(`${field}[${i}]`, internalValue(term, TERM), why));
  }
}

const LISTS = ['matchExpressions', 'matchFields'] as const;

/** validateNodeSelectorTermHasOnlyAdditions. What demanded nothing demands nothing. */
function hasOnlyAdditions(term: NodeSelectorTerm, old: NodeSelectorTerm): boolean {
  const isEmpty = (one: NodeSelectorTerm): boolean => LISTS.every((list) => (one[list] ?? []).length === 0);
  if (isEmpty(old)) return isEmpty(term);
  return LISTS.every((list) => {
    const before = old[list] ?? [];
    return sameValue((term[list] ?? []).slice(0, before.length), before);
  });
}

/** A copy with a field set, or without it. */
export function withField<T extends object, K extends keyof T>(target: T, field: K, value: T[K] | undefined): T {
  const copy = { ...target };
  if (value === undefined) delete copy[field];
  else copy[field] = value;
  return copy;
}
