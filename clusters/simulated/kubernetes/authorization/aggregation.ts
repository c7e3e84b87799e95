import type { KubeObject } from '../object.ts';
import type { Cluster } from '../store/cluster.ts';
import type { PolicyRule, RoleObject } from './rules.ts';
import { selects } from './selector.ts';

const sameRule = (a: PolicyRule, b: PolicyRule): boolean => JSON.stringify(a) === JSON.stringify(b);

/**
 * The rules of an aggregated ClusterRole: those of the selected ones in name order, each once
 * (pkg/controller/clusterroleaggregation/clusterroleaggregation_controller.go). `candidates` are in name order.
 */
export function aggregatedRules(role: RoleObject, candidates: readonly RoleObject[]): PolicyRule[] {
  const rules: PolicyRule[] = [];
  for (const selector of role.aggregationRule?.clusterRoleSelectors ?? []) {
    for (const candidate of candidates) {
      if (candidate.metadata.name === role.metadata.name || !selects(selector, candidate.metadata.labels)) continue;
      for (const rule of candidate.rules ?? []) if (!rules.some((known) => sameRule(known, rule))) rules.push(rule);
    }
  }
  return rules;
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
