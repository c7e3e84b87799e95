import type { KubeObject } from '../../object.ts';
import { fill } from '../defaults/fill.ts';
import type { Strategy } from '../resource.ts';
import {
  validateBinding,
  validateBindingUpdate,
  validateRole,
  type BindingLike,
  type RoleLike,
} from '../validation/cluster/rbac.ts';
import { checkedBy } from '../validation/hook.ts';

interface Binding {
  roleRef?: { apiGroup?: string };
  subjects?: { kind?: string; apiGroup?: string; namespace?: string }[];
}

const GROUP = 'rbac.authorization.k8s.io';

/** pkg/apis/rbac/v1/defaults.go: users and groups belong to the RBAC group, ServiceAccounts to the core group. */
function defaultBinding(draft: KubeObject): void {
  const { roleRef, subjects } = draft as Binding;
  if (roleRef !== undefined && (roleRef.apiGroup ?? '') === '') roleRef.apiGroup = GROUP;
  for (const subject of subjects ?? []) {
    if (subject.kind === 'User' || subject.kind === 'Group') fill(subject, { apiGroup: GROUP });
  }
}

export const ROLE: Partial<Strategy> = { name: 'path-segment', ...checkedBy<RoleLike>({ create: validateRole }) };
export const CLUSTER_ROLE: Partial<Strategy> = ROLE;
export const ROLE_BINDING: Partial<Strategy> = {
  name: 'path-segment',
  defaults: defaultBinding,
  ...checkedBy<BindingLike>({ create: validateBinding, update: validateBindingUpdate }),
};
export const CLUSTER_ROLE_BINDING: Partial<Strategy> = ROLE_BINDING;
