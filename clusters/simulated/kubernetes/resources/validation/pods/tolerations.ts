import type { Toleration } from '../../../model/generated/objects.ts';
import { labelValueErrors } from '../../../model/names.ts';
import { invalid, notSupported, type Findings } from '../field-errors.ts';
import { validateLabelName } from '../labels.ts';

export const TAINT_EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];

const OPERATORS = ['Equal', 'Exists'];

/** ValidateTolerations */
export function validateTolerations(tolerations: readonly Toleration[], path: string, found: Findings): void {
  for (const [i, { key = '', operator = '', value = '', effect = '', tolerationSeconds }] of tolerations.entries()) {
    const at = `${path}[${i}]`;
    if (key !== '') validateLabelName(key, `${at}.key`, found);
    if (key === '' && operator !== 'Exists') {
      const why = 'operator must be Exists when `key` is empty, which means "match all values and all keys"';
      found.push(invalid(`${at}.operator`, operator, why));
    }
    if (tolerationSeconds !== undefined && effect !== 'NoExecute') {
      found.push(invalid(`${at}.effect`, effect, "effect must be 'NoExecute' when `tolerationSeconds` is set"));
    }
    if (operator === 'Equal' || operator === '') {
      const texts = labelValueErrors(value);
      if (texts.length > 0) found.push(invalid(`${at}.operator`, value, texts.join(';')));
    } else if (operator === 'Exists') {
      if (value !== '') found.push(invalid(`${at}.operator`, value, "value must be empty when `operator` is 'Exists'"));
    } else {
      // The server knows Lt and Gt, but does not take them (TaintTolerationComparisonOperators is alpha).
      const known = operator === 'Lt' || operator === 'Gt' ? [...OPERATORS, 'Lt', 'Gt'] : OPERATORS;
      found.push(notSupported(`${at}.operator`, operator, known));
    }
    if (effect !== '' && !TAINT_EFFECTS.includes(effect))
      found.push(notSupported(`${at}.effect`, effect, TAINT_EFFECTS));
  }
}
