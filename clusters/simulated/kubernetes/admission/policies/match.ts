import { selects } from '../../authorization/selector.ts';
import type { LabelSelector } from '../../authorization/rules.ts';
import type { Cluster } from '../../store/cluster.ts';
import { shownName } from '../forbid.ts';
import type { AdmissionRequest } from '../plugin.ts';

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
  namespaceSelector?: LabelSelector;
  objectSelector?: LabelSelector;
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

/** apiserver/pkg/admission/plugin/policy/matching/matching.go */
export function matchesResources(
  match: MatchResources | undefined,
  request: AdmissionRequest,
  cluster: Cluster,
): boolean {
  if (match === undefined) return true;
  if (!matchesSelectors(match, request, cluster)) return false;
  if ((match.excludeResourceRules ?? []).some((rule) => matchesRule(rule, request))) return false;
  const rules = match.resourceRules ?? [];
  return rules.length === 0 || rules.some((rule) => matchesRule(rule, request));
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
    if (!selects(namespaceSelector, labels)) return false;
  }
  if (objectSelector === undefined) return true;
  return [request.object, request.oldObject].some(
    (object) => object !== undefined && selects(objectSelector, object.metadata.labels),
  );
}

/** webhook/predicates/rules/rules.go */
export function matchesRule(rule: Rule, request: AdmissionRequest): boolean {
  const { resource, subresource, operation } = request;
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
