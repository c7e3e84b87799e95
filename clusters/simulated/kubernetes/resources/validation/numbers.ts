import { portNameErrors, portNumberErrors } from '../../model/names.ts';
import { addTexts, invalid, type Findings } from './field-errors.ts';

export const MAX_INT32 = 2_147_483_647;

/** ValidateNonnegativeField; what is not given is fine. */
export function validateNonNegative(value: number | undefined, field: string, found: Findings): void {
  if (value !== undefined && value < 0) found.push(invalid(field, value, 'must be greater than or equal to 0'));
}

/** validation.InclusiveRangeError */
export const inclusiveRange = (low: number, high: number): string => `must be between ${low} and ${high}, inclusive`;

/** IsValidPortNum */
export const validatePortNumber = (port: number | undefined, field: string, found: Findings): void =>
  addTexts(found, field, port ?? 0, portNumberErrors(port ?? 0));

/** ValidatePortNumOrName */
export function validatePort(port: number | string | undefined, field: string, found: Findings): void {
  if (typeof port === 'string') addTexts(found, field, port, portNameErrors(port));
  else validatePortNumber(port, field, found);
}

const PERCENT = /^[0-9]+%$/;
const NOT_PERCENT =
  "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')";

/** apps/validation.ValidatePositiveIntOrPercent */
export function validateCountOrPercent(value: number | string | undefined, field: string, found: Findings): void {
  if (typeof value === 'string') {
    if (!PERCENT.test(value)) found.push(invalid(field, value, NOT_PERCENT));
  } else validateNonNegative(value, field, found);
}

/** IsNotMoreThan100Percent */
export function validateAtMost100Percent(value: number | string | undefined, field: string, found: Findings): void {
  if (typeof value === 'string' && PERCENT.test(value) && Number.parseInt(value, 10) > 100) {
    found.push(invalid(field, value, 'must not be greater than 100%'));
  }
}

/** The bare number of a count or a percentage, 0 for any other text (getIntOrPercentValue). */
export const countOrPercent = (value: number | string | undefined): number =>
  typeof value === 'number' ? value : /^[0-9]+%?$/.test(value ?? '') ? Number.parseInt(value ?? '0', 10) : 0;
