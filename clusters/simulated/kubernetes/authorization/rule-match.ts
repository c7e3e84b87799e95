import type { Attributes } from './authorizer.ts';
import type { PolicyRule } from './rules.ts';

/** Whether one rule allows what is asked (plugin/pkg/auth/authorizer/rbac/rbac.go RuleAllows). */
export function ruleAllows(rule: PolicyRule, asked: Attributes): boolean {
  if (!rule.verbs.includes(asked.verb) && !rule.verbs.includes('*')) return false;
  if (!asked.isResource) return (rule.nonResourceURLs ?? []).some((url) => urlMatches(url, asked.path));
  const { apiGroups = [], resources = [], resourceNames } = rule;
  if (!apiGroups.includes(asked.group) && !apiGroups.includes('*')) return false;
  if (resourceNames !== undefined && resourceNames.length > 0 && !resourceNames.includes(asked.name)) return false;
  const combined = asked.subresource === '' ? asked.resource : `${asked.resource}/${asked.subresource}`;
  return resources.some(
    (resource) =>
      resource === combined || resource === '*' || (asked.subresource !== '' && resource === `*/${asked.subresource}`),
  );
}

/** `*`, the path itself, or a prefix followed by `*`. */
export const urlMatches = (rule: string, path: string): boolean =>
  rule === '*' || rule === path || (rule.endsWith('*') && path.startsWith(rule.slice(0, -1)));
