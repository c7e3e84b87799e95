import type {
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
  ValidatingAdmissionPolicyBindingSpec,
  Validation,
} from '../../../model/generated/objects.ts';
import { cIdentifierErrors, dns1123SubdomainErrors, qualifiedNameErrors } from '../../../model/names.ts';
import { addTexts, duplicate, forbidden, invalid, notSupported, required, type Findings } from '../field-errors.ts';
import { validateLabelSelector } from '../labels.ts';
import { parseGroupVersion, validateKind } from '../qualified.ts';
import { validateExpression, validateVariable } from './expressions.ts';
import type { ExpressionContext } from '../../../admission/policies/expression-check.ts';
import { validateMatchConditions, validateMatchResources } from './rules.ts';

const FAILURE_POLICIES = ['Fail', 'Ignore'];
const REASONS = ['Forbidden', 'Invalid', 'RequestEntityTooLarge', 'Unauthorized'];
const ACTIONS = ['Audit', 'Deny', 'Warn'];
const NO_EXPRESSION = 'expression is not specified';
const NO_CONTENT = 'validations or auditAnnotations must contain at least one item';

/** validateValidatingAdmissionPolicySpec of pkg/apis/admissionregistration/validation. */
export function validatePolicy({ spec }: ValidatingAdmissionPolicy, found: Findings): void {
  const { failurePolicy, paramKind, matchConstraints, validations = [], auditAnnotations = [], variables = [] } = spec;
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
  }
  const conditions: ExpressionContext = { variables: [], params: paramKind !== undefined, authorizer: true };
  const context: ExpressionContext = { ...conditions, variables };
  validateMatchConditions(spec.matchConditions ?? [], 'spec.matchConditions', found, conditions);
  const names = new Set<string>();
  for (const [i, { name, expression }] of variables.entries()) {
    const at = `spec.variables[${i}]`;
    if (!name) found.push(required(`${at}.name`, 'name is not specified'));
    else addTexts(found, `${at}.name`, name, cIdentifierErrors(name));
    if (names.has(name)) found.push(duplicate(`${at}.name`, name));
    names.add(name);
    validateVariable({ name, expression }, `${at}.expression`, found, { missing: NO_EXPRESSION, context });
  }
  if (validations.length === 0 && auditAnnotations.length === 0) {
    found.push(required('spec.validations', NO_CONTENT), required('spec.auditAnnotations', NO_CONTENT));
    return;
  }
  for (const [i, validation] of validations.entries()) {
    validateValidation(validation, `spec.validations[${i}]`, found, context);
  }
  const keys = new Set<string>();
  for (const [i, { key, valueExpression }] of auditAnnotations.entries()) {
    const at = `spec.auditAnnotations[${i}]`;
    if (!key) found.push(required(`${at}.key`));
    else addTexts(found, `${at}.key`, key, qualifiedNameErrors(key));
    if (keys.has(key)) found.push(duplicate(`${at}.key`, key));
    keys.add(key);
    validateExpression(valueExpression, `${at}.valueExpression`, found, {
      missing: 'valueExpression is not specified',
      context,
      wanted: ['string', 'null'],
    });
  }
}

function validateParamKind(
  { apiVersion = '', kind = '' }: { apiVersion?: string; kind?: string },
  found: Findings,
): void {
  const at = 'spec.paramKind';
  if (apiVersion === '') found.push(required(`${at}.apiVersion`));
  else if (!parseGroupVersion(apiVersion)) {
    found.push(invalid(`${at}.apiVersion`, apiVersion, `unexpected GroupVersion string: ${apiVersion}`));
  }
  if (kind === '') found.push(required(`${at}.kind`));
  else validateKind(kind, `${at}.kind`, found);
}

function validateValidation(validation: Validation, at: string, found: Findings, context: ExpressionContext): void {
  const { expression = '', message = '', messageExpression = '', reason } = validation as Partial<Validation>;
  validateExpression(expression, `${at}.expression`, found, { missing: NO_EXPRESSION, context, wanted: ['bool'] });
  if (messageExpression !== '')
    validateExpression(messageExpression, `${at}.messageExpression`, found, {
      missing: '',
      context,
      wanted: ['string'],
    });
  if (message !== '' && message.trim() === '') {
    found.push(invalid(`${at}.message`, message, 'message must be non-empty if specified'));
  } else if (message.includes('\n'))
    found.push(invalid(`${at}.message`, message, 'message must not contain line breaks'));
  else if (message === '' && expression.includes('\n')) {
    found.push(required(`${at}.message`, 'message must be specified if expression contains line breaks'));
  }
  if (reason !== undefined && !REASONS.includes(reason)) found.push(notSupported(`${at}.reason`, reason, REASONS));
}

/** validateValidatingAdmissionPolicyBindingSpec */
export function validatePolicyBinding({ spec }: ValidatingAdmissionPolicyBinding, found: Findings): void {
  const {
    policyName = '',
    paramRef,
    matchResources,
    validationActions = [],
  } = spec as Partial<ValidatingAdmissionPolicyBindingSpec>;
  if (policyName === '') found.push(required('spec.policyName'));
  else addTexts(found, 'spec.policyName', policyName, dns1123SubdomainErrors(policyName));
  if (paramRef) validateParamRef(paramRef, found);
  if (matchResources) validateMatchResources(matchResources, 'spec.matchResources', found);
  const at = 'spec.validationActions';
  if (validationActions.length === 0) found.push(required(at, 'at least one validation action is required'));
  const seen = new Set<string>();
  for (const [i, action] of validationActions.entries()) {
    if (!ACTIONS.includes(action)) found.push(notSupported(`${at}[${i}]`, action, ACTIONS));
    if (seen.has(action)) found.push(duplicate(`${at}[${i}]`, action));
    seen.add(action);
  }
  if (seen.has('Deny') && seen.has('Warn')) {
    found.push(
      invalid(
        at,
        validationActions,
        'must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)',
      ),
    );
  }
}

function validateParamRef(ref: NonNullable<ValidatingAdmissionPolicyBindingSpec['paramRef']>, found: Findings): void {
  const { name = '', selector, parameterNotFoundAction } = ref;
  const at = 'spec.paramRef';
  if (name !== '') {
    addTexts(found, 'spec.name', name, dns1123SubdomainErrors(name));
    if (selector) found.push(forbidden(`${at}.name`, 'name and selector are mutually exclusive'));
  } else if (!selector) found.push(required(at, 'one of name or selector must be specified'));
  validateLabelSelector(selector, `${at}.selector`, found);
  if (parameterNotFoundAction === undefined) {
    found.push(required(`${at}.parameterNotFoundAction`));
  } else if (!['Allow', 'Deny'].includes(parameterNotFoundAction)) {
    found.push(notSupported(`${at}.parameterNotFoundAction`, parameterNotFoundAction, ['Deny', 'Allow']));
  }
}
