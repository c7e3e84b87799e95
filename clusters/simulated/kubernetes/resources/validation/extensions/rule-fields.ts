import type { JSONSchemaProps } from '../../../model/generated/objects.ts';
import { invalid, notSupported, required, type Findings } from '../field-errors.ts';
import { pathProblem } from './field-paths.ts';

const REASONS = ['FieldValueDuplicate', 'FieldValueForbidden', 'FieldValueInvalid', 'FieldValueRequired'];
const BREAKS = /[\n\r]/;

/** `x-kubernetes-validations`, but for the expressions. */
export function validateRuleFields(schema: JSONSchemaProps, path: string, found: Findings): void {
  for (const [i, validation] of (schema['x-kubernetes-validations'] ?? []).entries()) {
    const { message = '', messageExpression = '', reason, fieldPath = '' } = validation;
    const at = `${path}.x-kubernetes-validations[${i}]`;
    const [rule, said] = [(validation.rule ?? '').trim(), message.trim()];
    if (rule === '') found.push(required(`${at}.rule`, 'rule is not specified'));
    else if (message !== '' && said === '') {
      found.push(invalid(`${at}.message`, message, 'message must be non-empty if specified'));
    } else if (BREAKS.test(said)) {
      found.push(invalid(`${at}.message`, message, 'message must not contain line breaks'));
    } else if (BREAKS.test(rule) && said === '') {
      found.push(required(`${at}.message`, 'message must be specified if rule contains line breaks'));
    }
    if (messageExpression !== '' && messageExpression.trim() === '') {
      found.push(required(`${at}.messageExpression`, 'messageExpression must be non-empty if specified'));
    }
    if (reason !== undefined && !REASONS.includes(reason)) found.push(notSupported(`${at}.reason`, reason, REASONS));
    if (fieldPath === '') continue;
    const wrong = (why: string): void =>
      void found.push(invalid(`${at}.fieldPath`, fieldPath, `fieldPath must ${why}`));
    if (fieldPath.trim() === '') wrong('be non-empty if specified');
    if (BREAKS.test(fieldPath)) wrong('not contain line breaks');
    if ('failed' in pathProblem(fieldPath, schema)) wrong('be a valid path');
  }
}
