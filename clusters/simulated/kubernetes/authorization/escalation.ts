import type { AdmissionPlugin, AdmissionRequest } from '../admission/plugin.ts';
import type { UserInfo } from '../authentication/user.ts';
import { ApiError, forbidden } from '../status.ts';
import type { Authorizer } from './authorizer.ts';
import { urlMatches } from './rule-match.ts';
import type { RuleResolver } from './rule-resolver.ts';
import type { BindingObject, PolicyRule, RoleObject } from './rules.ts';

const GROUP = 'rbac.authorization.k8s.io';
const EVERYTHING: readonly PolicyRule[] = [
  { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
  { verbs: ['*'], nonResourceURLs: ['*'] },
];

/**
 * Nobody may hand out more than they hold: writes of roles and bindings need every right they grant, or the verbs escalate or bind
 * (pkg/registry/rbac/{role,clusterrole,rolebinding,clusterrolebinding}/policybased/storage.go). It is no admission plugin upstream but
 * part of the storage; it runs where the last mutating plugin has run.
 */
export function escalationCheck(resolver: RuleResolver, authorizer: Authorizer): AdmissionPlugin {
  return {
    name: 'RBAC escalation',
    mutate(request) {
      if (request.resource.group !== GROUP || request.subresource !== '' || request.object === undefined)
        return undefined;
      if (request.user.groups.includes('system:masters')) return undefined;
      switch (request.resource.plural) {
        case 'roles':
        case 'clusterroles':
          return checkRole(request, resolver, authorizer);
        case 'rolebindings':
        case 'clusterrolebindings':
          return checkBinding(request, resolver, authorizer);
        default:
          return undefined;
      }
    },
  };
}

async function checkRole(request: AdmissionRequest, resolver: RuleResolver, authorizer: Authorizer): Promise<void> {
  const role = request.object as RoleObject;
  const old = request.oldObject;
  const same = (a: unknown, b: unknown): boolean => JSON.stringify(a ?? null) === JSON.stringify(b ?? null);
  if (old !== undefined && same(old.rules, role.rules) && same(old.aggregationRule, role.aggregationRule)) return;
  const { decision } = await authorizer.authorize({
    user: request.user,
    verb: 'escalate',
    isResource: true,
    group: GROUP,
    version: request.resource.version,
    resource: request.resource.plural,
    subresource: '',
    namespace: request.namespace,
    name: request.operation === 'CREATE' ? '' : request.name,
  });
  if (decision === 'allow') return;
  const refuse = (why: string): ApiError => forbidden(request.resource, role.metadata.name, why);
  const excess = escalation(resolver, request.user, request.namespace, role.rules ?? []);
  if (excess !== undefined) throw refuse(excess);
  const aggregates = role.aggregationRule !== undefined && !same(old?.aggregationRule, role.aggregationRule);
  if (aggregates && escalation(resolver, request.user, '', EVERYTHING) !== undefined) {
    throw refuse('must have cluster-admin privileges to use the aggregationRule');
  }
}

async function checkBinding(request: AdmissionRequest, resolver: RuleResolver, authorizer: Authorizer): Promise<void> {
  const binding = request.object as BindingObject;
  const { roleRef, metadata } = binding;
  const { decision } = await authorizer.authorize({
    user: request.user,
    verb: 'bind',
    isResource: true,
    group: roleRef.apiGroup,
    version: '*',
    resource: roleRef.kind === 'Role' ? 'roles' : 'clusterroles',
    subresource: '',
    namespace: request.namespace,
    name: roleRef.name,
  });
  if (decision === 'allow') return;
  const rules = resolver.rulesOf(roleRef, request.namespace);
  if (rules === undefined) {
    const plural = roleRef.kind === 'Role' ? 'roles' : 'clusterroles';
    throw new ApiError(404, 'NotFound', `${plural}.${GROUP} "${roleRef.name}" not found`, {
      name: roleRef.name,
      group: GROUP,
      kind: plural,
    });
  }
  const excess = escalation(resolver, request.user, request.namespace, rules);
  if (excess !== undefined) throw forbidden(request.resource, metadata.name, excess);
}

/** What a user would grant without holding it, in the words of ConfirmNoEscalation; undefined when there is nothing. */
export function escalation(
  resolver: RuleResolver,
  user: UserInfo,
  namespace: string,
  granted: readonly PolicyRule[],
): string | undefined {
  const { rules: held, errors } = resolver.rulesFor(user, namespace);
  const missing = granted.flatMap(breakdown).filter((rule) => !held.some((owner) => covers(owner, rule)));
  if (missing.length === 0) return undefined;
  const lines = [...new Set(compact(missing).map(ruleText))].sort();
  const groups = user.groups.map((group) => JSON.stringify(group)).join(' ');
  const failures = errors.length === 0 ? '' : `; resolution errors: [${errors.join(' ')}]`;
  return `user ${JSON.stringify(user.username)} (groups=[${groups}]) is attempting to grant RBAC permissions not currently held:\n${lines.join('\n')}${failures}`;
}

/** One rule for each combination (component-helpers/auth/rbac/validation/policy_comparator.go BreakdownRule). */
function breakdown(rule: PolicyRule): PolicyRule[] {
  const resources = (rule.apiGroups ?? []).flatMap((group) =>
    (rule.resources ?? []).flatMap((resource) =>
      rule.verbs.flatMap((verb): PolicyRule[] => {
        const single = { apiGroups: [group], resources: [resource], verbs: [verb] };
        const names = rule.resourceNames ?? [];
        return names.length === 0 ? [single] : names.map((name) => ({ ...single, resourceNames: [name] }));
      }),
    ),
  );
  const urls = (rule.nonResourceURLs ?? []).flatMap((url) =>
    rule.verbs.map((verb) => ({ verbs: [verb], nonResourceURLs: [url] })),
  );
  return [...resources, ...urls];
}

function covers(owner: PolicyRule, rule: PolicyRule): boolean {
  const within = (held: readonly string[] = [], wanted: readonly string[] = []): boolean =>
    held.includes('*') || wanted.every((value) => held.includes(value));
  const names = owner.resourceNames ?? [];
  const wantedNames = rule.resourceNames ?? [];
  return (
    within(owner.verbs, rule.verbs) &&
    within(owner.apiGroups, rule.apiGroups) &&
    (rule.resources ?? []).every((resource) => {
      const held = owner.resources ?? [];
      const subresource = resource.split('/')[1];
      return (
        held.includes('*') ||
        held.includes(resource) ||
        (subresource !== undefined && held.includes(`*/${subresource}`))
      );
    }) &&
    (rule.nonResourceURLs ?? []).every((url) => (owner.nonResourceURLs ?? []).some((held) => urlMatches(held, url))) &&
    (names.length === 0 || (wantedNames.length > 0 && wantedNames.every((name) => names.includes(name))))
  );
}

/** Joins the verbs of rules on the same resource and name (policy_compact.go CompactRules). */
function compact(rules: readonly PolicyRule[]): PolicyRule[] {
  const urls: PolicyRule[] = [];
  const simple = new Map<string, PolicyRule>();
  for (const rule of rules) {
    if (rule.nonResourceURLs !== undefined) {
      urls.push(rule);
      continue;
    }
    const key = JSON.stringify([rule.apiGroups, rule.resources, rule.resourceNames]);
    const known = simple.get(key);
    if (known === undefined) simple.set(key, { ...rule, verbs: [...rule.verbs] });
    else known.verbs.push(...rule.verbs);
  }
  return [...urls, ...simple.values()];
}

function ruleText(rule: PolicyRule): string {
  const list = (label: string, values: readonly string[] | undefined): string[] =>
    values === undefined || values.length === 0
      ? []
      : [`${label}:[${values.map((value) => JSON.stringify(value)).join(' ')}]`];
  return `{${[
    ...list('APIGroups', rule.apiGroups),
    ...list('Resources', rule.resources),
    ...list('NonResourceURLs', rule.nonResourceURLs),
    ...list('ResourceNames', rule.resourceNames),
    ...list('Verbs', rule.verbs),
  ].join(', ')}}`;
}
