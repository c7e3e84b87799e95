import type { MatchCondition, MatchResources, RuleWithOperations } from '../../../model/generated/objects.ts';
import { qualifiedNameErrors } from '../../../model/names.ts';
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
  if (resources.length === 0) found.push(required(`${path}.resources`));
  for (const [i, resource] of resources.entries()) {
    if (resource === '') found.push(required(`${path}.resources[${i}]`));
  }
  if (resources.length > 1 && resources.includes('*/*')) {
    found.push(invalid(`${path}.resources`, resources, "if '*/*' is present, must not specify other resources"));
  }
  if (scope !== undefined && !SCOPES.includes(scope)) found.push(notSupported(`${path}.scope`, scope, SCOPES));
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
      validateRule(rule, at, found);
      const seen = new Set<string>();
      for (const [j, name] of (rule.resourceNames ?? []).entries()) {
        if (seen.has(name)) found.push(duplicate(`${at}.resourceNames[${j}]`, name));
        seen.add(name);
      }
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
    validateExpression(expression, `${at}.expression`, found, { missing: '', context, wanted: ['bool'] });
    if (name === '') {
      found.push(required(`${at}.name`));
      continue;
    }
    addTexts(found, `${at}.name`, name, qualifiedNameErrors(name));
    if (names.has(name)) found.push(duplicate(`${at}.name`, name));
    names.add(name);
  }
}
