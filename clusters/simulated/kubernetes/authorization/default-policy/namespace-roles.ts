import { CORE, EVENTS, READ, rule, type RoleTable } from './rule.ts';

/** Roles by namespace and name (plugin/pkg/auth/authorizer/rbac/bootstrappolicy/namespace_policy.go). */
export const NAMESPACE_ROLES: RoleTable = {
  'kube-public/system:controller:bootstrap-signer': [
    rule(READ, CORE, 'configmaps'),
    rule('update', CORE, 'configmaps', 'cluster-info'),
    EVENTS,
  ],
  'kube-system/extension-apiserver-authentication-reader': [
    rule(READ, CORE, 'configmaps', 'extension-apiserver-authentication'),
  ],
  'kube-system/system::leader-locking-kube-controller-manager': [
    rule('create get list update watch', 'coordination.k8s.io', 'leases'),
    rule('create get list update watch', 'coordination.k8s.io', 'leasecandidates'),
  ],
  'kube-system/system::leader-locking-kube-scheduler': [
    rule('create get list update watch', 'coordination.k8s.io', 'leases'),
    rule('create get list update watch', 'coordination.k8s.io', 'leasecandidates'),
  ],
  'kube-system/system:controller:bootstrap-signer': [rule(READ, CORE, 'secrets')],
  'kube-system/system:controller:cloud-provider': [rule('create get list watch', CORE, 'configmaps')],
  'kube-system/system:controller:token-cleaner': [rule('delete get list watch', CORE, 'secrets'), EVENTS],
};
