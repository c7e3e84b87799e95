import type { PolicyRule, RoleRef, Subject } from '../../../model/generated/objects.ts';
import type { KubeObject } from '../../../object.ts';
import { dns1123SubdomainErrors, pathSegmentErrors } from '../../../model/names.ts';
import { addTexts, invalid, notSupported, required, type Findings } from '../field-errors.ts';
import { validateLabelSelector } from '../labels.ts';
import type { LabelSelector } from '../../../model/generated/objects.ts';
import { sameValue } from '../immutable.ts';

const GROUP = 'rbac.authorization.k8s.io';

export interface RoleLike extends KubeObject {
  rules?: PolicyRule[];
  aggregationRule?: { clusterRoleSelectors?: LabelSelector[] };
}

export interface BindingLike extends KubeObject {
  roleRef?: RoleRef;
  subjects?: Subject[];
}

/** ValidateRole and ValidateClusterRole of pkg/apis/rbac/validation. */
export function validateRole({ metadata, rules = [], aggregationRule }: RoleLike, found: Findings): void {
  for (const [i, rule] of rules.entries()) validateRule(rule, metadata.namespace !== undefined, `rules[${i}]`, found);
  if (!aggregationRule) return;
  const selectors = aggregationRule.clusterRoleSelectors ?? [];
  const at = 'aggregationRule.clusterRoleSelectors';
  if (selectors.length === 0) {
    found.push(required(at, 'at least one clusterRoleSelector required if aggregationRule is non-nil'));
  }
  for (const [i, selector] of selectors.entries()) validateLabelSelector(selector, `${at}[${i}]`, found);
}

/** ValidatePolicyRule */
function validateRule(rule: Partial<PolicyRule>, namespaced: boolean, at: string, found: Findings): void {
  const { verbs = [], apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [] } = rule;
  if (verbs.length === 0) found.push(required(`${at}.verbs`, 'verbs must contain at least one value'));
  if (nonResourceURLs.length > 0) {
    const say = (why: string): void => void found.push(invalid(`${at}.nonResourceURLs`, nonResourceURLs, why));
    if (namespaced) say('namespaced rules cannot apply to non-resource URLs');
    if (apiGroups.length + resources.length + resourceNames.length > 0) {
      say('rules cannot apply to both regular resources and non-resource URLs');
    }
    return;
  }
  if (apiGroups.length === 0)
    found.push(required(`${at}.apiGroups`, 'resource rules must supply at least one api group'));
  if (resources.length === 0)
    found.push(required(`${at}.resources`, 'resource rules must supply at least one resource'));
}

/** ValidateRoleBinding and ValidateClusterRoleBinding. */
export function validateBinding({ kind, roleRef, subjects = [] }: BindingLike, found: Findings): void {
  const namespaced = kind === 'RoleBinding';
  const { apiGroup = '', kind: roleKind = '', name = '' }: Partial<RoleRef> = roleRef ?? {};
  if (apiGroup !== GROUP) found.push(notSupported('roleRef.apiGroup', apiGroup, [GROUP]));
  const kinds = namespaced ? ['Role', 'ClusterRole'] : ['ClusterRole'];
  if (!kinds.includes(roleKind)) found.push(notSupported('roleRef.kind', roleKind, kinds));
  if (name === '') found.push(required('roleRef.name'));
  else addTexts(found, 'roleRef.name', name, pathSegmentErrors(name));
  for (const [i, subject] of subjects.entries()) validateSubject(subject, namespaced, `subjects[${i}]`, found);
}

function validateSubject(subject: Partial<Subject>, namespaced: boolean, at: string, found: Findings): void {
  const { kind = '', apiGroup = '', name = '', namespace = '' } = subject;
  if (name === '') found.push(required(`${at}.name`));
  if (kind === 'ServiceAccount') {
    if (name !== '') addTexts(found, `${at}.name`, name, dns1123SubdomainErrors(name));
    if (apiGroup !== '') found.push(notSupported(`${at}.apiGroup`, apiGroup, ['']));
    if (!namespaced && namespace === '') found.push(required(`${at}.namespace`));
  } else if (kind === 'User' || kind === 'Group') {
    if (apiGroup !== GROUP) found.push(notSupported(`${at}.apiGroup`, apiGroup, [GROUP]));
  } else found.push(notSupported(`${at}.kind`, kind, ['ServiceAccount', 'User', 'Group']));
}

/** ValidateRoleBindingUpdate: who may do it changes, what may be done does not. */
export function validateBindingUpdate(binding: BindingLike, old: BindingLike, found: Findings): void {
  validateBinding(binding, found);
  const { roleRef } = binding;
  if (!sameValue(roleRef, old.roleRef)) {
    const shown = { APIGroup: roleRef?.apiGroup ?? '', Kind: roleRef?.kind ?? '', Name: roleRef?.name ?? '' };
    found.push(invalid('roleRef', shown, 'cannot change roleRef'));
  }
}
