import type { Resource } from '../../resources/resource.ts';
import { type LabelSelectorValue, matchesLabelSelector } from '../../model/labels.ts';
import type { Cluster } from '../../store/cluster.ts';
import { shownName } from '../forbid.ts';
import type { AdmissionRequest } from '../plugin.ts';
import { equivalentsOf } from './equivalent.ts';

/** admissionregistration/v1 NamedRuleWithOperations, and RuleWithOperations without the names. */
export interface Rule {
  apiGroups?: string[];
  apiVersions?: string[];
  operations?: string[];
  resources?: string[];
  resourceNames?: string[];
  scope?: string;
}

/** admissionregistration/v1 MatchResources; webhooks have the same fields but for the rules' name. */
export interface MatchResources {
  resourceRules?: Rule[];
  excludeResourceRules?: Rule[];
  namespaceSelector?: LabelSelectorValue;
  objectSelector?: LabelSelectorValue;
  /** Whether rules hold for the same objects under other versions too; `Equivalent` unless said. */
  matchPolicy?: 'Exact' | 'Equivalent';
}

const CONFIGURATIONS = new Set([
  'validatingwebhookconfigurations',
  'mutatingwebhookconfigurations',
  'validatingadmissionpolicies',
  'validatingadmissionpolicybindings',
  'mutatingadmissionpolicies',
  'mutatingadmissionpolicybindings',
]);

/** Policies and webhooks never judge each other, or a bad one could not be removed (webhook/predicates/rules). */
export const isAdmissionConfiguration = ({ resource }: AdmissionRequest): boolean =>
  resource.group === 'admissionregistration.k8s.io' && CONFIGURATIONS.has(resource.plural);

/** The row by whose rules a policy is asked (apiserver/pkg/admission/plugin/policy/matching/matching.go); undefined where it is not. */
export function matchesResources(
  match: MatchResources | undefined,
  request: AdmissionRequest,
  cluster: Cluster,
): Resource | undefined {
  if (match === undefined) return request.resource;
  if (!matchesSelectors(match, request, cluster)) return undefined;
  if (rowMatched(match.excludeResourceRules ?? [], match.matchPolicy, request, cluster) !== undefined) return undefined;
  const rules = match.resourceRules ?? [];
  return rules.length === 0 ? request.resource : rowMatched(rules, match.matchPolicy, request, cluster);
}

/** The request's own row if a rule is for it, else another version's that a rule is for (webhook/generic/webhook.go ShouldCallHook). */
export function rowMatched(
  rules: readonly Rule[],
  policy: MatchResources['matchPolicy'],
  request: AdmissionRequest,
  cluster: Cluster,
): Resource | undefined {
  if (rules.some((rule) => matchesRule(rule, request, request.resource))) return request.resource;
  if (policy === 'Exact' || rules.length === 0) return undefined;
  const others = equivalentsOf(request, cluster);
  for (const rule of rules) {
    const found = others.find((other) => matchesRule(rule, request, other));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Labels of the namespace (a namespace is in itself; other cluster-scoped objects always match) and of the object, new or old. */
export function matchesSelectors(
  { namespaceSelector, objectSelector }: Pick<MatchResources, 'namespaceSelector' | 'objectSelector'>,
  request: AdmissionRequest,
  cluster: Cluster,
): boolean {
  const isNamespace = request.resource.group === '' && request.resource.plural === 'namespaces';
  if (namespaceSelector !== undefined && (request.namespace !== '' || isNamespace)) {
    const labels = isNamespace
      ? (request.object ?? request.oldObject)?.metadata.labels
      : cluster.get(cluster.resource('namespaces'), '', request.namespace)?.metadata.labels;
    if (!matchesLabelSelector(namespaceSelector, labels)) return false;
  }
  if (objectSelector === undefined) return true;
  return [request.object, request.oldObject].some(
    (object) => object !== undefined && matchesLabelSelector(objectSelector, object.metadata.labels),
  );
}

/** webhook/predicates/rules/rules.go */
function matchesRule(rule: Rule, request: AdmissionRequest, resource: Resource): boolean {
  const { subresource, operation } = request;
  const has = (list: readonly string[] | undefined, value: string): boolean =>
    (list ?? []).some((item) => item === '*' || item === value);
  if (
    !has(rule.operations, operation) ||
    !has(rule.apiGroups, resource.group) ||
    !has(rule.apiVersions, resource.version)
  )
    return false;
  const scope = rule.scope ?? '*';
  const isNamespace = resource.group === '' && resource.plural === 'namespaces';
  if (scope === 'Namespaced' && (!resource.namespaced || isNamespace)) return false;
  if (scope === 'Cluster' && resource.namespaced) return false;
  const names = rule.resourceNames ?? [];
  if (names.length > 0 && !names.includes(shownName(request))) return false;
  return (rule.resources ?? []).some((item) => {
    const [kind = '', sub = ''] = item.split('/');
    if (item === '*/*') return true;
    return (kind === '*' || kind === resource.plural) && (sub === subresource || (sub === '*' && item.includes('/')));
  });
}
