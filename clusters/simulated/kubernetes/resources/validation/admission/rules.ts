import type { MatchCondition, MatchResources, RuleWithOperations } from '../../../model/generated/objects.ts';
import { pathSegmentErrors, qualifiedNameErrors } from '../../../model/names.ts';
import { addTexts, duplicate, invalid, notSupported, required, type Findings } from '../field-errors.ts';
import { validateLabelSelector } from '../labels.ts';
import { PLAIN, validateExpression } from './expressions.ts';
import type { ExpressionContext } from '../../../admission/policies/expression-check.ts';

const OPERATIONS = ['*', 'CONNECT', 'CREATE', 'DELETE', 'UPDATE'];
const SCOPES = ['*', 'Cluster', 'Namespaced'];
const MATCH_POLICIES = ['Equivalent', 'Exact'];
const MOST_CONDITIONS = 64;

/** validateRuleWithOperations of pkg/apis/admissionregistration/validation. */
export function validateRule(rule: RuleWithOperations, path: string, found: Findings): void {
  const { operations = [], apiGroups = [], apiVersions = [], resources = [], scope } = rule;
  if (operations.length === 0) found.push(required(`${path}.operations`));
  validateStar(operations, `${path}.operations`, 'operations', found);
  for (const [i, operation] of operations.entries()) {
    if (!OPERATIONS.includes(operation)) found.push(notSupported(`${path}.operations[${i}]`, operation, OPERATIONS));
  }
  if (apiGroups.length === 0) found.push(required(`${path}.apiGroups`));
  validateStar(apiGroups, `${path}.apiGroups`, 'API groups', found);
  if (apiVersions.length === 0) found.push(required(`${path}.apiVersions`));
  validateStar(apiVersions, `${path}.apiVersions`, 'API versions', found);
  for (const [i, version] of apiVersions.entries())
    if (version === '') found.push(required(`${path}.apiVersions[${i}]`));
  validateResources(resources, `${path}.resources`, found);
  if (scope !== undefined && !SCOPES.includes(scope)) found.push(notSupported(`${path}.scope`, scope, SCOPES));
}

// validateResources: `pods`, `pods/log`, `pods/*`, `*/scale`, `*` and `*/*`, where none says again what another says.
function validateResources(resources: readonly string[], field: string, found: Findings): void {
  if (resources.length === 0) found.push(required(field));
  const [everySub, everyResource] = [new Set<string>(), new Set<string>()];
  let plain = false;
  for (const [i, one] of resources.entries()) {
    if (one === '') {
      found.push(required(`${field}[${i}]`));
      continue;
    }
    const slash = one.indexOf('/');
    if (slash < 0) {
      // The last one counts, as upstream has it.
      plain = one !== '*';
      continue;
    }
    const [resource, sub] = [one.slice(0, slash), one.slice(slash + 1)];
    const say = (known: string): void =>
      void found.push(invalid(`${field}[${i}]`, one, `if '${known}' is present, must not specify ${one}`));
    if (everySub.has(resource)) say(`${resource}/*`);
    if (everyResource.has(sub)) say(`*/${sub}`);
    if (sub === '*') everySub.add(resource);
    if (resource === '*') everyResource.add(sub);
  }
  if (resources.length > 1 && resources.includes('*/*')) {
    found.push(invalid(field, resources, "if '*/*' is present, must not specify other resources"));
  }
  if (resources.includes('*') && plain) {
    const why = "if '*' is present, must not specify other resources without subresources";
    found.push(invalid(field, resources, why));
  }
}

function validateStar(values: readonly string[], field: string, what: string, found: Findings): void {
  if (values.length > 1 && values.includes('*')) {
    found.push(invalid(field, values, `if '*' is present, must not specify other ${what}`));
  }
}

/** validateMatchResources */
export function validateMatchResources(match: MatchResources, path: string, found: Findings): void {
  const { matchPolicy, namespaceSelector, objectSelector } = match;
  if (matchPolicy === undefined) found.push(required(`${path}.matchPolicy`));
  else validateMatchPolicy(matchPolicy, `${path}.matchPolicy`, found);
  if (!namespaceSelector) found.push(required(`${path}.namespaceSelector`));
  validateLabelSelector(namespaceSelector, `${path}.namespaceSelector`, found);
  if (!objectSelector) found.push(required(`${path}.objectSelector`));
  validateLabelSelector(objectSelector, `${path}.objectSelector`, found);
  for (const list of ['resourceRules', 'excludeResourceRules'] as const) {
    for (const [i, rule] of (match[list] ?? []).entries()) {
      const at = `${path}.${list}[${i}]`;
      const seen = new Set<string>();
      for (const [j, name] of (rule.resourceNames ?? []).entries()) {
        addTexts(found, `${at}.resourceNames[${j}]`, name, pathSegmentErrors(name));
        if (seen.has(name)) found.push(duplicate(`${at}.resourceNames[${j}]`, name));
        seen.add(name);
      }
      validateRule(rule, at, found);
    }
  }
}

export function validateMatchPolicy(policy: string | undefined, field: string, found: Findings): void {
  if (policy !== undefined && !MATCH_POLICIES.includes(policy)) found.push(notSupported(field, policy, MATCH_POLICIES));
}

/** validateMatchConditions */
export function validateMatchConditions(
  conditions: readonly MatchCondition[],
  path: string,
  found: Findings,
  context: ExpressionContext = PLAIN,
): void {
  if (conditions.length > MOST_CONDITIONS) {
    found.push({
      type: 'FieldValueTooMany',
      field: path,
      message: `Too many: ${conditions.length}: must have at most ${MOST_CONDITIONS} items`,
    });
  }
  const names = new Set<string>();
  for (const [i, condition] of conditions.entries()) {
    const { name = '', expression = '' } = condition as Partial<MatchCondition>;
    const at = `${path}[${i}]`;
    validateExpression(expression.trim(), `${at}.expression`, found, { missing: '', context, wanted: ['bool'] });
    if (name === '') {
      found.push(required(`${at}.name`));
      continue;
    }
    addTexts(found, `${at}.name`, name, qualifiedNameErrors(name));
    if (names.has(name)) found.push(duplicate(`${at}.name`, name));
    names.add(name);
  }
}
