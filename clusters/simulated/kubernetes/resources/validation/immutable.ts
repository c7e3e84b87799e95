import { invalid, type Findings } from './field-errors.ts';

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Nothing, for Go: what a struct's field holds when nobody set it, but for booleans and numbers that were set to zero. */
const isNothing = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  value === '' ||
  (Array.isArray(value) && value.length === 0) ||
  (isFields(value) && isBlank(value));

const isBlank = (fields: Fields): boolean => {
  for (const name in fields) if (!isNothing(fields[name])) return false;
  return true;
};

/**
 * Semantic.DeepEqual of apimachinery on JSON values: what is absent, empty or an empty struct is the same. Written for this, without
 * copying either.
 */
export function sameValue(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (isNothing(a) || isNothing(b)) return isNothing(a) && isNothing(b);
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((item, i) => sameValue(item, b[i]));
  }
  if (!isFields(a) || !isFields(b)) return false;
  for (const name in a) if (!sameValue(a[name], b[name])) return false;
  for (const name in b) if (!(name in a) && !isNothing(b[name])) return false;
  return true;
}

/** ValidateImmutableField. `shown` where the value's text is not the JSON of the versioned object. */
export function immutable(value: unknown, old: unknown, field: string, found: Findings, shown: unknown = value): void {
  if (!sameValue(value, old)) found.push(invalid(field, shown, 'field is immutable'));
}
