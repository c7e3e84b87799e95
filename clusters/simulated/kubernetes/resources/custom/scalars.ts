import { CostExceeded, MOST_PER_EXPRESSION, within } from '../../admission/cel/budget.ts';
import { matches } from '../../admission/cel/patterns.ts';
import { invalid, tooLong, type Findings } from '../validation/field-errors.ts';
import type { JsonSchema } from './schema.ts';

export function checkNumber(value: number, schema: JsonSchema, path: string, found: Findings): void {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema;
  const say = (text: string): void =>
    void found.push(invalid(path === '' ? '<nil>' : path, value, `${path} in body should be ${text}`));
  if (multipleOf !== undefined && !isMultiple(value, multipleOf)) say(`a multiple of ${multipleOf}`);
  if (maximum !== undefined && (exclusiveMaximum ? value >= maximum : value > maximum)) {
    say(`less than ${exclusiveMaximum ? '' : 'or equal to '}${maximum}`);
  }
  if (minimum !== undefined && (exclusiveMinimum ? value <= minimum : value < minimum)) {
    say(`greater than ${exclusiveMinimum ? '' : 'or equal to '}${minimum}`);
  }
}

const isMultiple = (value: number, of: number): boolean => Number.isInteger(value / of);

/** Tells of the first thing that is wrong with a text, as upstream does. */
export function checkText(value: string, schema: JsonSchema, path: string, found: Findings): void {
  const field = path === '' ? '<nil>' : path;
  const { minLength, maxLength, pattern } = schema;
  const length = Array.from(value).length; // code points, as Go's runes
  if (maxLength !== undefined && length > maxLength) found.push(tooLong(field, maxLength));
  else if (minLength !== undefined && length < minLength) {
    found.push(invalid(field, value, `${path} in body should be at least ${minLength} chars long`));
  } else if (pattern) {
    const wrong = mismatch(value, pattern);
    if (wrong !== undefined) found.push(invalid(field, value, `${path} in body${wrong}`));
  }
}

/** A definition is a learner's: its patterns take linear time, and no more of it than one expression of a policy may. */
function mismatch(value: string, pattern: string): string | undefined {
  try {
    return within(MOST_PER_EXPRESSION, () => matches(value, pattern)) ? undefined : ` should match '${pattern}'`;
  } catch (error) {
    // A pattern that does not compile is refused with its definition.
    return error instanceof CostExceeded ? ': not simulated: so costly a pattern on so long a text' : undefined;
  }
}
