import type { Identity } from '../../protocol/scenario.ts';

/** Who an identity is to the authorizers once it is authenticated (kubernetes.io/docs/reference/access-authn-authz/authentication). */
export interface Subject {
  readonly user: string;
  readonly groups: readonly string[];
}

export function subjectOf(identity: Identity): Subject {
  if (identity === 'anonymous') return { user: 'system:anonymous', groups: ['system:unauthenticated'] };
  if (identity === 'admin')
    return { user: 'kubernetes-admin', groups: ['kubeadm:cluster-admins', 'system:authenticated'] };
  if ('user' in identity) return { user: identity.user, groups: [...identity.groups, 'system:authenticated'] };
  const [namespace = '', name = ''] = identity.serviceAccount.split('/');
  return {
    user: `system:serviceaccount:${namespace}:${name}`,
    groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
  };
}
