import type { KubeObject } from '../object.ts';
import type { Cluster } from '../store/cluster.ts';
import type { PolicyRule, RoleObject } from './rules.ts';
import { selects } from './selector.ts';

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
      if (candidate.metadata.name === role.metadata.name || !selects(selector, candidate.metadata.labels)) continue;
      for (const rule of candidate.rules ?? []) if (!rules.has(textOf(rule))) rules.set(textOf(rule), rule);
    }
  }
  return [...rules.values()];
}

/** Keeps aggregated ClusterRoles up to date. `failed` hears of writes that did not succeed. */
export function startAggregation(cluster: Cluster, failed: (error: unknown) => void): Disposable {
  const clusterRoles = cluster.resource('clusterroles', 'rbac.authorization.k8s.io');
  const all = (): RoleObject[] => cluster.list(clusterRoles) as RoleObject[];
  const settle = async (): Promise<void> => {
    for (const role of all()) {
      if (role.aggregationRule === undefined) continue;
      if (JSON.stringify(aggregatedRules(role, all())) === JSON.stringify(role.rules ?? [])) continue;
      await cluster.modify(
        clusterRoles,
        { namespace: '', name: role.metadata.name },
        (draft: KubeObject & { rules?: PolicyRule[] | null }) => {
          const rules = structuredClone(aggregatedRules(draft as RoleObject, all()));
          if (JSON.stringify(rules) === JSON.stringify(draft.rules ?? [])) return false;
          draft.rules = rules;
          return true;
        },
        { fieldManager: 'kube-controller-manager' },
      );
    }
  };
  let running: Promise<void> = Promise.resolve();
  let queued = false;
  return cluster.watch(clusterRoles, () => {
    if (queued) return;
    queued = true;
    running = running
      .then(() => {
        queued = false;
        return settle();
      })
      .catch(failed);
  });
}
