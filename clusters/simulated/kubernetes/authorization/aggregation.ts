import { matchesLabelSelector } from '../model/labels.ts';
import type { PolicyRule, RoleObject } from './rules.ts';

const texts = new WeakMap<PolicyRule, string>();

/** A rule as text, by which rules are compared; that of a stored rule, which is frozen and which labs share, is remembered. */
function textOf(rule: PolicyRule): string {
  const known = texts.get(rule);
  if (known !== undefined) return known;
  const text = JSON.stringify(rule);
  if (Object.isFrozen(rule)) texts.set(rule, text);
  return text;
}

/**
 * The rules of an aggregated ClusterRole: those of the selected ones in name order, each once
 * (pkg/controller/clusterroleaggregation/clusterroleaggregation_controller.go). `candidates` are in name order.
 */
export function aggregatedRules(role: RoleObject, candidates: readonly RoleObject[]): PolicyRule[] {
  const rules = new Map<string, PolicyRule>();
  for (const selector of role.aggregationRule?.clusterRoleSelectors ?? []) {
    for (const candidate of candidates) {
      if (candidate.metadata.name === role.metadata.name || !matchesLabelSelector(selector, candidate.metadata.labels))
        continue;
      for (const rule of candidate.rules ?? []) if (!rules.has(textOf(rule))) rules.set(textOf(rule), rule);
    }
  }
  return [...rules.values()];
}
