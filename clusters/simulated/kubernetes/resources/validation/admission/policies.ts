import type { AuditAnnotation, ValidatingAdmissionPolicy, Validation } from '../../../model/generated/objects.ts';
import { qualifiedNameErrors } from '../../../model/names.ts';
import { addTexts, duplicate, invalid, notSupported, required, type Findings } from '../field-errors.ts';
import { sameValue } from '../immutable.ts';
import { validateExpression } from './expressions.ts';
import type { ExpressionContext } from '../../../admission/policies/expression-check.ts';
import { validateSubject, type Subject } from './policy-parts.ts';

const REASONS = ['Forbidden', 'Invalid', 'RequestEntityTooLarge', 'Unauthorized'];
const NO_EXPRESSION = 'expression is not specified';
const NO_CONTENT = 'validations or auditAnnotations must contain at least one item';
const MOST_ANNOTATIONS = 20;
const LONGEST_ANNOTATION = 5 * 1024;

type Policy = ValidatingAdmissionPolicy;

/** ValidateValidatingAdmissionPolicy of pkg/apis/admissionregistration/validation. */
export const validatePolicy = (policy: Policy, found: Findings): void => validateSpec(policy, true, found);

/** ValidateValidatingAdmissionPolicyUpdate: conditions that did not change are not read again. */
export const validatePolicyUpdate = (policy: Policy, old: Policy, found: Findings): void =>
  validateSpec(policy, !sameConditions(policy.spec, old.spec), found);

/** Whether match conditions mean what they meant before. */
export const sameConditions = (spec: Subject, old: Subject): boolean =>
  sameValue(spec.paramKind, old.paramKind) && sameValue(spec.matchConditions, old.matchConditions);

function validateSpec({ metadata, spec }: Policy, conditions: boolean, found: Findings): void {
  const { validations = [], auditAnnotations = [] } = spec;
  const context = validateSubject(spec, { conditions }, found);
  if (validations.length === 0 && auditAnnotations.length === 0) {
    found.push(required('spec.validations', NO_CONTENT), required('spec.auditAnnotations', NO_CONTENT));
    return;
  }
  for (const [i, validation] of validations.entries()) {
    validateValidation(validation, `spec.validations[${i}]`, found, context);
  }
  if (auditAnnotations.length > MOST_ANNOTATIONS) {
    const why = `must not have more than ${MOST_ANNOTATIONS} auditAnnotations`;
    const shown = auditAnnotations.map(({ key, valueExpression }) => ({ Key: key, ValueExpression: valueExpression }));
    found.push(invalid('spec.auditAnnotations', shown, why));
  }
  const keys = new Set<string>();
  for (const [i, annotation] of auditAnnotations.entries()) {
    const at = `spec.auditAnnotations[${i}]`;
    validateAnnotation(annotation, metadata.name, at, found, context);
    if (keys.has(annotation.key)) found.push(duplicate(`${at}.key`, annotation.key));
    keys.add(annotation.key);
  }
}

/** validateAuditAnnotation: its key in the audit log is the policy's name, a slash and its own. */
function validateAnnotation(
  { key = '', valueExpression = '' }: Partial<AuditAnnotation>,
  policy: string,
  at: string,
  found: Findings,
  context: ExpressionContext,
): void {
  if (policy === '') found.push(invalid(`${at}.key`, key, 'requires metadata.name be non-empty'));
  else addTexts(found, `${at}.key`, `${policy}/${key}`, qualifiedNameErrors(`${policy}/${key}`));
  if (Buffer.byteLength(valueExpression.trim()) > LONGEST_ANNOTATION) {
    found.push(required(`${at}.valueExpression`, `must not exceed ${LONGEST_ANNOTATION} bytes in length`));
    return;
  }
  validateExpression(valueExpression, `${at}.valueExpression`, found, {
    missing: 'valueExpression is not specified',
    context,
    wanted: ['string', 'null'],
  });
}

const LINE_BREAK = /[\n\r]/;

function validateValidation(validation: Validation, at: string, found: Findings, context: ExpressionContext): void {
  const { expression = '', message = '', messageExpression = '', reason } = validation as Partial<Validation>;
  validateExpression(expression, `${at}.expression`, found, { missing: NO_EXPRESSION, context, wanted: ['bool'] });
  if (messageExpression !== '' && messageExpression.trim() === '') {
    found.push(invalid(`${at}.messageExpression`, messageExpression, 'must be non-empty if specified'));
  } else if (messageExpression !== '') {
    validateExpression(messageExpression, `${at}.messageExpression`, found, {
      missing: '',
      context: { ...context, authorizer: false },
      wanted: ['string'],
    });
  }
  if (message !== '' && message.trim() === '') {
    found.push(invalid(`${at}.message`, message, 'must be non-empty if specified'));
  } else if (LINE_BREAK.test(message.trim())) {
    found.push(invalid(`${at}.message`, message, 'must not contain line breaks'));
  }
  if (reason !== undefined && !REASONS.includes(reason)) found.push(notSupported(`${at}.reason`, reason, REASONS));
}
