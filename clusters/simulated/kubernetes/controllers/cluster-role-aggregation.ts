import { aggregatedRules } from '../authorization/aggregation.ts';
import type { RoleObject } from '../authorization/rules.ts';
import type { KubeObject } from '../object.ts';
import type { Cluster } from '../store/cluster.ts';
import { type Controller, keyOf, splitKey } from './controller.ts';
import { sameButForEmpty } from './status.ts';

/** pkg/controller/clusterroleaggregation: ClusterRoles whose rules are those of the ones they select. */
export function clusterRoleAggregationController(cluster: Cluster): Controller {
  const clusterRoles = cluster.resource('clusterroles', 'rbac.authorization.k8s.io');
  const all = (): readonly RoleObject[] => cluster.list(clusterRoles) as readonly unknown[] as readonly RoleObject[];
  return {
    name: 'clusterrole-aggregation-controller',
    watches: [
      {
        resource: clusterRoles,
        // At the start each aggregated role hears of itself; later, of every change.
        keys: ({ object, revision }) =>
          (revision === 0 ? [object] : cluster.list(clusterRoles))
            .filter((role) => role['aggregationRule'] !== undefined)
            .map(keyOf),
      },
    ],
    async reconcile(key) {
      const { name } = splitKey(key);
      const role: RoleObject | undefined = cluster.get(clusterRoles, '', name);
      if (role?.aggregationRule === undefined) return;
      const rules = aggregatedRules(role, all());
      if (sameButForEmpty(role.rules, rules)) return;
      const write = { fieldManager: 'clusterrole-aggregation-controller' };
      const change = (draft: KubeObject): void => void (draft['rules'] = structuredClone(rules));
      await cluster.modify(clusterRoles, { namespace: '', name }, change, write);
    },
  };
}
