import type { MatchCondition, MatchResources, ParamKind, Variable } from '../../../model/generated/objects.ts';
import type { ExpressionContext } from '../../../admission/policies/expression-check.ts';
import { parseApiVersion } from '../../../model/kinds.ts';
import { dns1035LabelErrors, dns1123SubdomainErrors } from '../../../model/names.ts';
import { invalid, notSupported, required, type Findings } from '../field-errors.ts';
import { validateKind } from '../qualified.ts';
import { validateVariable } from './expressions.ts';
import { validateMatchConditions, validateMatchResources } from './rules.ts';

const FAILURE_POLICIES = ['Fail', 'Ignore'];
/** A mutating policy has nothing to change in a deletion. */
const MUTATED = ['*', 'CONNECT', 'CREATE', 'UPDATE'];

/** What a validating and a mutating policy say alike: of what they speak, with which parameters and variables. */
export interface Subject {
  readonly failurePolicy?: string;
  readonly paramKind?: ParamKind;
  readonly matchConstraints?: MatchResources;
  readonly matchConditions?: MatchCondition[];
  readonly variables?: Variable[];
}

/**
 * The first half of validateValidatingAdmissionPolicySpec and of its mutating twin. Returns what expressions of the policy may name.
 * `conditions` is false where match conditions were checked before.
 */
export function validateSubject(
  spec: Subject,
  { conditions, mutating = false }: { conditions: boolean; mutating?: boolean },
  found: Findings,
): ExpressionContext {
  const { failurePolicy, paramKind, matchConstraints, variables = [] } = spec;
  if (failurePolicy === undefined) found.push(required('spec.failurePolicy'));
  else if (!FAILURE_POLICIES.includes(failurePolicy)) {
    found.push(notSupported('spec.failurePolicy', failurePolicy, FAILURE_POLICIES));
  }
  if (paramKind) validateParamKind(paramKind, found);
  if (!matchConstraints) found.push(required('spec.matchConstraints'));
  else {
    validateMatchResources(matchConstraints, 'spec.matchConstraints', found);
    if ((matchConstraints.resourceRules ?? []).length === 0) {
      found.push(required('spec.matchConstraints.resourceRules'));
    }
    if (mutating) validateMutated(matchConstraints, 'spec.matchConstraints', found);
  }
  const plain: ExpressionContext = { variables: [], params: paramKind !== undefined, authorizer: true };
  const context: ExpressionContext = { ...plain, variables };
  if (conditions) validateMatchConditions(spec.matchConditions ?? [], 'spec.matchConditions', found, plain);
  validateVariables(variables, context, found);
  return context;
}

/** What may be mutated at all. The path has no indexes, as upstream's. */
export function validateMutated({ resourceRules = [] }: MatchResources, path: string, found: Findings): void {
  for (const operation of resourceRules.flatMap(({ operations = [] }) => operations)) {
    if (!MUTATED.includes(operation)) {
      found.push(notSupported(`${path}.resourceRules.operations`, operation, MUTATED));
    }
  }
}

/** validateParamKind */
function validateParamKind({ apiVersion = '', kind = '' }: Partial<ParamKind>, found: Findings): void {
  const field = 'spec.paramKind.apiVersion';
  const parsed = parseApiVersion(apiVersion);
  if (apiVersion === '') found.push(required(field));
  else if (!parsed) found.push(invalid(field, apiVersion, `unexpected GroupVersion string: ${apiVersion}`));
  else {
    const { group, version } = parsed;
    const groupTexts = group === '' ? [] : dns1123SubdomainErrors(group);
    if (groupTexts.length > 0) found.push(invalid(field, group, groupTexts.join(',')));
    const versionTexts = version === '' ? [] : dns1035LabelErrors(version);
    if (version === '') found.push(invalid(field, apiVersion, 'version must be specified'));
    else if (versionTexts.length > 0) found.push(invalid(field, version, versionTexts.join(',')));
  }
  if (kind === '') found.push(required('spec.paramKind.kind'));
  else validateKind(kind, 'spec.paramKind.kind', found);
}

const IDENTIFIER = /^[_a-zA-Z][_a-zA-Z0-9]*$/;
const RESERVED = new Set(
  'true false null in as break const continue else for function if import let loop package namespace return var void while'.split(
    ' ',
  ),
);

/** validateVariable */
function validateVariables(variables: readonly Variable[], context: ExpressionContext, found: Findings): void {
  for (const [i, variable] of variables.entries()) {
    const { name = '', expression = '' } = variable as Partial<Variable>;
    const at = `spec.variables[${i}]`;
    if (name.trim() === '') found.push(required(`${at}.name`, 'name is not specified'));
    else if (!IDENTIFIER.test(name) || RESERVED.has(name)) {
      found.push(invalid(`${at}.name`, name, 'must be a valid CEL identifier'));
    }
    const missing = 'expression is not specified';
    validateVariable({ name, expression }, `${at}.expression`, found, { missing, context });
  }
}
