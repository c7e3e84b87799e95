import type { FieldError } from '../../status.ts';

/**
 * Makers of findings with the texts of apimachinery/pkg/util/validation/field/errors.go. Validators push what they find to a
 * list in upstream's order, which is the order of the 422's text.
 */
export type Findings = FieldError[];

export const required = (field: string, why = ''): FieldError => ({
  type: 'FieldValueRequired',
  field,
  message: why === '' ? 'Required value' : `Required value: ${why}`,
});

/** `value` is shown as JSON; nothing as `null`. */
export const invalid = (field: string, value: unknown, why: string): FieldError => ({
  type: 'FieldValueInvalid',
  field,
  message: why === '' ? `Invalid value: ${shown(value)}` : `Invalid value: ${shown(value)}: ${why}`,
});

/** Where upstream leaves the value out (OmitValueType). */
export const invalidWithoutValue = (field: string, why: string): FieldError => ({
  type: 'FieldValueInvalid',
  field,
  message: `Invalid value: ${why}`,
});

/** `supported` in the order in which upstream gives them. */
export const notSupported = (field: string, value: unknown, supported: readonly string[]): FieldError => ({
  type: 'FieldValueNotSupported',
  field,
  message: `Unsupported value: ${shown(value)}: supported values: ${supported.map((one) => JSON.stringify(one)).join(', ')}`,
});

export const forbidden = (field: string, why: string): FieldError => ({
  type: 'FieldValueForbidden',
  field,
  message: why === '' ? 'Forbidden' : `Forbidden: ${why}`,
});

export const duplicate = (field: string, value: unknown, why = ''): FieldError => ({
  type: 'FieldValueDuplicate',
  field,
  message: `Duplicate value: ${shown(value)}${why === '' ? '' : `: ${why}`}`,
});

export const notFound = (field: string, value: unknown, why = ''): FieldError => ({
  type: 'FieldValueNotFound',
  field,
  message: `Not found: ${shown(value)}${why === '' ? '' : `: ${why}`}`,
});

/** `limit` in bytes. */
export const tooLong = (field: string, limit: number): FieldError => ({
  type: 'FieldValueTooLong',
  field,
  message: `Too long: may not be more than ${limit} bytes`,
});

export const tooMany = (field: string, actual: number, limit: number): FieldError => ({
  type: 'FieldValueTooMany',
  field,
  message: `Too many: ${actual}: must have at most ${limit} items`,
});

/** encoding/json escapes what HTML would take for markup, but only inside structures; strings are printed with %q. */
const MARKUP: Readonly<Record<string, string>> = { '<': '\\u003c', '>': '\\u003e', '&': '\\u0026' };

function shown(value: unknown): string {
  if (value === undefined || value === null) return 'null';
  const text = JSON.stringify(value);
  return typeof value === 'string' ? text : text.replace(/[<>&]/g, (sign) => MARKUP[sign] ?? sign);
}

/** One finding a text of what a checker of names said. */
export function addTexts(found: Findings, field: string, value: unknown, texts: readonly string[]): void {
  for (const text of texts) found.push(invalid(field, value, text));
}
