import { deepFreeze } from '../../object.ts';
import { aggregatedRules } from '../aggregation.ts';
import type { BindingObject, PolicyRule, RoleObject, Subject } from '../rules.ts';
import { COMPONENT_ROLES } from './component-roles.ts';
import { CONTROLLER_ROLES } from './controller-roles.ts';
import { NAMESPACE_ROLES } from './namespace-roles.ts';
import { USER_ROLES } from './user-roles.ts';

/** The RBAC objects every API server makes at its start, in name order, without uid, times and versions. */
export interface DefaultPolicy {
  readonly clusterRoles: readonly RoleObject[];
  readonly clusterRoleBindings: readonly BindingObject[];
  readonly roles: readonly RoleObject[];
  readonly roleBindings: readonly BindingObject[];
}

const GROUP = 'rbac.authorization.k8s.io';
const API_VERSION = `${GROUP}/v1`;
const AGGREGATE_TO = `${GROUP}/aggregate-to-`;

const group = (name: string): Subject => ({ kind: 'Group', apiGroup: GROUP, name });
const user = (name: string): Subject => ({ kind: 'User', apiGroup: GROUP, name });
const account = (name: string): Subject => ({ kind: 'ServiceAccount', name, namespace: 'kube-system' });

/** Subjects of the ClusterRole of the same name (policy.go ClusterRoleBindings). */
const CLUSTER_SUBJECTS: Readonly<Record<string, readonly Subject[]>> = {
  'cluster-admin': [group('system:masters')],
  'system:monitoring': [group('system:monitoring')],
  'system:discovery': [group('system:authenticated')],
  'system:basic-user': [group('system:authenticated')],
  'system:public-info-viewer': [group('system:authenticated'), group('system:unauthenticated')],
  'system:node-proxier': [user('system:kube-proxy')],
  'system:kube-controller-manager': [user('system:kube-controller-manager')],
  'system:kube-dns': [account('kube-dns')],
  'system:kube-scheduler': [user('system:kube-scheduler')],
  'system:volume-scheduler': [user('system:kube-scheduler')],
  'system:node': [],
  'system:service-account-issuer-discovery': [group('system:serviceaccounts')],
};

/** Subjects by namespace and binding, and the role where it is called otherwise (namespace_policy.go). */
const NAMESPACE_SUBJECTS: Readonly<Record<string, { readonly role?: string; readonly subjects: readonly Subject[] }>> =
  {
    'kube-public/system:controller:bootstrap-signer': { subjects: [account('bootstrap-signer')] },
    'kube-system/system:controller:bootstrap-signer': { subjects: [account('bootstrap-signer')] },
    'kube-system/system:controller:cloud-provider': { subjects: [account('cloud-provider')] },
    'kube-system/system:controller:token-cleaner': { subjects: [account('token-cleaner')] },
    'kube-system/system::extension-apiserver-authentication-reader': {
      role: 'extension-apiserver-authentication-reader',
      subjects: [user('system:kube-controller-manager'), user('system:kube-scheduler')],
    },
    'kube-system/system::leader-locking-kube-controller-manager': {
      subjects: [
        user('system:kube-controller-manager'),
        account('kube-controller-manager'),
        account('leader-election-controller'),
      ],
    },
    'kube-system/system::leader-locking-kube-scheduler': {
      subjects: [user('system:kube-scheduler'), account('kube-scheduler')],
    },
  };

/** `from` selects by the label aggregate-to-<from>; `into` is the label the role itself wears. Each comes after what it gathers. */
const AGGREGATED: readonly { readonly name: string; readonly into?: string }[] = [
  { name: 'view', into: 'edit' },
  { name: 'edit', into: 'admin' },
  { name: 'admin' },
];

function metadata(key: string, labels: Readonly<Record<string, string>> = {}): RoleObject['metadata'] {
  const [name = '', namespace] = key.split('/').reverse();
  return {
    name,
    ...(namespace === undefined ? {} : { namespace }),
    labels: { 'kubernetes.io/bootstrapping': 'rbac-defaults', ...labels },
    annotations: { 'rbac.authorization.kubernetes.io/autoupdate': 'true' },
  };
}

const role = (
  kind: string,
  key: string,
  rules: readonly PolicyRule[],
  labels?: Readonly<Record<string, string>>,
): RoleObject => ({
  apiVersion: API_VERSION,
  kind,
  metadata: metadata(key, labels),
  rules: [...rules],
});

const binding = (kind: string, key: string, roleName: string, subjects: readonly Subject[]): BindingObject => ({
  apiVersion: API_VERSION,
  kind,
  metadata: metadata(key),
  roleRef: { apiGroup: GROUP, kind: kind === 'RoleBinding' ? 'Role' : 'ClusterRole', name: roleName },
  ...(subjects.length === 0 ? {} : { subjects: [...subjects] }),
});

const byName = (a: RoleObject, b: RoleObject): number => {
  const keys = [a, b].map(({ metadata: { namespace = '', name } }) => `${namespace}/${name}`);
  return (keys[0] ?? '') < (keys[1] ?? '') ? -1 : 1;
};

function clusterRoles(): RoleObject[] {
  const made = [
    ...Object.entries({ ...USER_ROLES, ...COMPONENT_ROLES }).map(([name, rules]) => {
      const into = /^system:aggregate-to-(.*)$/.exec(name)?.[1];
      return role('ClusterRole', name, rules, into === undefined ? {} : { [AGGREGATE_TO + into]: 'true' });
    }),
    ...Object.entries(CONTROLLER_ROLES).map(([name, rules]) => role('ClusterRole', `system:controller:${name}`, rules)),
  ].sort(byName);
  for (const { name, into } of AGGREGATED) {
    const aggregated = role('ClusterRole', name, [], into === undefined ? {} : { [AGGREGATE_TO + into]: 'true' });
    aggregated.aggregationRule = { clusterRoleSelectors: [{ matchLabels: { [AGGREGATE_TO + name]: 'true' } }] };
    aggregated.rules = aggregatedRules(aggregated, made);
    made.push(aggregated);
    made.sort(byName);
  }
  return made;
}

let compiled: DefaultPolicy | undefined;

/** Deeply frozen and shared by every cluster of the process (bootstrappolicy of Kubernetes 1.36, default feature gates). */
export function defaultPolicy(): DefaultPolicy {
  compiled ??= deepFreeze({
    clusterRoles: clusterRoles(),
    clusterRoleBindings: [
      ...Object.entries(CLUSTER_SUBJECTS).map(([name, subjects]) =>
        binding('ClusterRoleBinding', name, name, subjects),
      ),
      ...Object.keys(CONTROLLER_ROLES).map((name) =>
        binding('ClusterRoleBinding', `system:controller:${name}`, `system:controller:${name}`, [account(name)]),
      ),
    ].sort(byName),
    roles: Object.entries(NAMESPACE_ROLES)
      .map(([key, rules]) => role('Role', key, rules))
      .sort(byName),
    roleBindings: Object.entries(NAMESPACE_SUBJECTS)
      .map(([key, { role: name, subjects }]) => binding('RoleBinding', key, name ?? key.split('/')[1] ?? '', subjects))
      .sort(byName),
  });
  return compiled;
}
