import type {
  ClusterRole,
  ClusterRoleBinding,
  Pod,
  PolicyRule,
  Role,
  ServiceAccount,
} from '../../kubernetes/model/generated/objects.ts';
import type { Cluster } from '../../kubernetes/store/cluster.ts';
import type { Audit } from './benchmark.ts';

const RBAC = 'rbac.authorization.k8s.io';

/** An audit that asks the API server: a line for each thing found, nothing where kubectl cannot reach it. */
const ask = (command: string, lines: (cluster: Cluster) => readonly string[]): Audit => ({
  command,
  output: ({ cluster }) => (cluster === undefined ? '' : lines(cluster).join('\n')),
});

const pods = (cluster: Cluster) => cluster.list(cluster.resource('pods')) as readonly Pod[];
const serviceAccounts = (cluster: Cluster) =>
  cluster.list(cluster.resource('serviceaccounts')) as readonly ServiceAccount[];
const clusterRoles = (cluster: Cluster) =>
  cluster.list(cluster.resource('clusterroles', RBAC)) as readonly ClusterRole[];
const clusterRoleBindings = (cluster: Cluster) =>
  cluster.list(cluster.resource('clusterrolebindings', RBAC)) as readonly ClusterRoleBinding[];

/** Who else may do everything than `cluster-admin`'s own binding. */
export const CLUSTER_ADMINS = ask(
  'kubectl get clusterrolebindings -o=custom-columns=NAME:.metadata.name,ROLE:.roleRef.name,SUBJECT:.subjects[*].name --no-headers',
  (cluster) =>
    clusterRoleBindings(cluster).map(({ metadata, roleRef, subjects = [] }) => {
      const compliant = metadata.name === 'cluster-admin' || roleRef.name !== 'cluster-admin';
      const names = subjects.map(({ name }) => name).join(',') || '<none>';
      return `**role_name: ${metadata.name} role_binding: ${roleRef.name} subject: ${names} is_compliant: ${compliant}`;
    }),
);

/**
 * `kubectl auth can-i VERBS RESOURCE --all-namespaces --as=system:authenticated`. The real line hands kubectl its comma-separated verbs
 * as one, which only a rule with every verb grants.
 */
export const everybodyMay = (label: string, verbs: string, resource: string): Audit =>
  ask(
    `echo "${label}: $(kubectl auth can-i ${verbs} ${resource} --all-namespaces --as=system:authenticated)"`,
    (cluster) => {
      const granted = new Set(
        clusterRoleBindings(cluster).flatMap(({ roleRef, subjects = [] }) =>
          subjects.some(({ kind, name }) => kind !== 'ServiceAccount' && name === 'system:authenticated')
            ? [roleRef.name]
            : [],
        ),
      );
      const may = clusterRoles(cluster).some(
        ({ metadata, rules }) =>
          granted.has(metadata.name) && (rules ?? []).some((rule) => allowsCore(rule, verbs, resource)),
      );
      return [`${label}: ${may ? 'yes' : 'no'}`];
    },
  );

function allowsCore(
  { apiGroups = [], resources = [], resourceNames = [], verbs }: PolicyRule,
  verb: string,
  resource: string,
) {
  return (
    resourceNames.length === 0 &&
    apiGroups.some((group) => group === '' || group === '*') &&
    resources.some((one) => one === resource || one === '*') &&
    verbs.some((one) => one === verb || one === '*')
  );
}

const hasWildcard = ({ rules }: Role | ClusterRole): boolean =>
  (rules ?? []).some(({ apiGroups = [], resources = [], verbs }) =>
    [...apiGroups, ...resources, ...verbs].includes('*'),
  );

export const WILDCARDS = ask('kube-bench cis-audit roles', (cluster) => [
  ...(cluster.list(cluster.resource('roles', RBAC)) as readonly Role[]).map(
    (role) =>
      `**role_name: ${role.metadata.name} role_namespace: ${role.metadata.namespace} role_is_compliant: ${!hasWildcard(role)}`,
  ),
  ...clusterRoles(cluster).map(
    (role) => `**clusterrole_name: ${role.metadata.name} clusterrole_is_compliant: ${!hasWildcard(role)}`,
  ),
]);

export const DEFAULT_SERVICE_ACCOUNTS = ask(
  'kubectl get serviceaccount --all-namespaces --field-selector metadata.name=default -o=json',
  (cluster) =>
    serviceAccounts(cluster).flatMap(({ metadata, automountServiceAccountToken }) =>
      metadata.name === 'default'
        ? [
            `namespace: ${metadata.namespace}, kind: ServiceAccount, name: default, automountServiceAccountToken: ${automountServiceAccountToken ?? 'notset'}`,
          ]
        : [],
    ),
);

export const MOUNTED_TOKENS = ask('kube-bench cis-audit serviceaccounts', (cluster) => {
  const accounts = new Map(
    serviceAccounts(cluster).map(({ metadata, automountServiceAccountToken }) => [
      `${metadata.namespace}/${metadata.name}`,
      automountServiceAccountToken,
    ]),
  );
  return pods(cluster).map(({ metadata, spec }) => {
    const account = accounts.get(`${metadata.namespace}/${spec.serviceAccountName ?? 'default'}`);
    const mounts = spec.automountServiceAccountToken ?? account ?? true;
    return `**namespace: ${metadata.namespace} pod_name: ${metadata.name} service_account: ${spec.serviceAccountName ?? 'default'} is_compliant: ${!mounts}`;
  });
});

const GET_PODS =
  'kubectl get pods --all-namespaces -o custom-columns=POD_NAME:.metadata.name,POD_NAMESPACE:.metadata.namespace --no-headers';

/** Pods that share one of their node's namespaces. */
export const sharing = (field: 'hostPID' | 'hostIPC' | 'hostNetwork'): Audit =>
  ask(GET_PODS, (cluster) =>
    pods(cluster).map(({ metadata, spec }) => {
      const shared = spec[field] === true;
      return `***pod_name: ${metadata.name} pod_namespace: ${metadata.namespace} is_pod_${field.toLowerCase()}: ${shared} is_compliant: ${!shared}`;
    }),
  );

/** Containers whose security context says `true` there. */
export const allowing = (field: 'privileged' | 'allowPrivilegeEscalation', label: string): Audit =>
  ask(GET_PODS, (cluster) =>
    pods(cluster).flatMap(({ metadata, spec }) =>
      (spec.containers ?? []).map(({ name, securityContext }) => {
        const value = securityContext?.[field];
        return `***pod_name: ${metadata.name} container_name: ${name} pod_namespace: ${metadata.namespace} ${label}: ${value ?? 'notset'} is_compliant: ${value !== true}`;
      }),
    ),
  );
