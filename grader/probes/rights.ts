import { z } from 'zod';
import type { KubeAccess, Lab } from '../../clusters/cluster.ts';
import type { Probe } from '../../protocol/scenario.ts';
import { listObjects, nameOf } from '../kube/list.ts';
import { kubeRequest } from '../kube/request.ts';
import { type Subject, subjectOf } from '../kube/subject.ts';
import { type Observation, observed, unobservable } from './observation.ts';

const LISTS = ['clusterrolebindings', 'rolebindings', 'clusterroles', 'roles'] as const;

const texts = z
  .array(z.string())
  .nullish()
  .transform((list) => list ?? []);
const Binding = z.looseObject({
  roleRef: z.looseObject({ kind: z.string(), name: z.string() }),
  subjects: z.array(z.looseObject({ kind: z.string(), name: z.string(), namespace: z.string().optional() })).nullish(),
});
const Role = z.looseObject({
  rules: z
    .array(
      z.looseObject({ verbs: texts, apiGroups: texts, resources: texts, resourceNames: texts, nonResourceURLs: texts }),
    )
    .nullish(),
});

/**
 * Everything that RBAC grants somebody, as user and by its groups (kubernetes.io/docs/reference/access-authn-authz/rbac): what a handful of
 * access reviews would have to guess. Other authorizers are not asked; probes `kube-request` and `access-review` hear them.
 * Fact: `{ admitted, rules: [{ namespace, verbs, groups, resources, names, urls, through }] }`; `namespace` is '' for rights in the whole
 * cluster, `names` and `urls` are `resourceNames` and `nonResourceURLs`, `through` names the binding. `admitted` tells whether the API
 * server lets such a caller in at all, which may be false of `anonymous`.
 */
export async function observeRights(
  probe: Extract<Probe, { kind: 'rights' }>,
  lab: Lab,
  signal: AbortSignal,
): Promise<Observation> {
  const access = await lab.kubeAccess('admin');
  const lists = await Promise.all(
    LISTS.map((resource) => listObjects(access, `/apis/rbac.authorization.k8s.io/v1/${resource}`, signal)),
  );
  const failed = lists.find((list) => list.outcome === 'not-listed');
  if (failed !== undefined) return unobservable(failed.reason);
  const [clusterBindings = [], bindings = [], clusterRoles = [], roles = []] = lists.map((list) =>
    list.outcome === 'listed' ? list.items : [],
  );
  const rulesOf = new Map(
    [...clusterRoles, ...roles].map((role) => [nameOf(role), Role.parse(role).rules ?? []] as const),
  );
  const subject = subjectOf(probe.as);
  const rules = [...clusterBindings, ...bindings].flatMap((one) => {
    const { roleRef, subjects } = Binding.parse(one);
    if (!(subjects ?? []).some((who) => isOf(who, subject))) return [];
    const { namespace = '' } = one.metadata;
    const role = roleRef.kind === 'Role' ? `${namespace}/${roleRef.name}` : roleRef.name;
    const through = `${namespace === '' ? 'ClusterRoleBinding' : 'RoleBinding'} ${nameOf(one)}`;
    return (rulesOf.get(role) ?? []).map((rule) => ({
      namespace,
      verbs: rule.verbs,
      groups: rule.apiGroups,
      resources: rule.resources,
      names: rule.resourceNames,
      urls: rule.nonResourceURLs,
      through,
    }));
  });
  const admitted = probe.as !== 'anonymous' || (await isAdmitted(await lab.kubeAccess('anonymous'), signal));
  const through = [...new Set(rules.map((rule) => rule.through))].join(', ') || 'no binding';
  return observed(
    { admitted, rules },
    `${subject.user}${admitted ? '' : ' is not let in, and'} has rights through ${through}`,
  );
}

/** RBAC's `appliesToUser` (plugin/pkg/auth/authorizer/rbac/rbac.go). */
function isOf(who: { kind: string; name: string; namespace?: string | undefined }, { user, groups }: Subject): boolean {
  if (who.kind === 'User') return who.name === user;
  if (who.kind === 'Group') return groups.includes(who.name);
  return who.kind === 'ServiceAccount' && `system:serviceaccount:${who.namespace ?? ''}:${who.name}` === user;
}

async function isAdmitted(access: KubeAccess, signal: AbortSignal): Promise<boolean> {
  return (await kubeRequest(access, { method: 'GET', path: '/api', signal })).status !== 401;
}
