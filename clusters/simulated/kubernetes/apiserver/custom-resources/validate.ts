import { CostExceeded, MOST_PER_EXPRESSION, within } from '../../admission/cel/budget.ts';
import { matches } from '../../admission/cel/patterns.ts';
import { textOf } from '../encode/json.ts';
import type { KubeObject } from '../../object.ts';
import type { FieldError } from '../../status.ts';
import type { JsonSchema } from './definition.ts';
import { repeatedItems } from './list-types.ts';
import { evaluateRules } from './rules.ts';

type Fields = Record<string, unknown>;
const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Validates a custom resource: its schema, then its CEL rules when the schema holds (apiextensions-apiserver/pkg/registry/customresource/validator.go). */
export function validateCustom(
  object: KubeObject,
  old: KubeObject | undefined,
  schema: JsonSchema,
  replicasPath?: string,
): FieldError[] {
  const errors: FieldError[] = [];
  const { metadata: _, ...properties } = schema.properties ?? {};
  const withoutMeta = { ...schema, properties };
  check(object, withoutMeta, '', errors);
  if (replicasPath !== undefined) errors.push(...checkReplicas(object, replicasPath));
  if (errors.length > 0) {
    if (hasRules(schema)) {
      errors.push({
        type: 'FieldValueInvalid',
        field: '<nil>',
        message:
          'Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation',
      });
    }
    return errors;
  }
  evaluateRules(object, old, withoutMeta, '', errors);
  return errors;
}

/** What the scale subresource would find at its path (scaleFromCustomResource's accessor). */
function checkReplicas(object: KubeObject, path: string): FieldError[] {
  let value: unknown = object;
  for (const name of path.split('.').filter((part) => part !== '')) value = isFields(value) ? value[name] : undefined;
  if (value === undefined || (typeof value === 'number' && Number.isInteger(value))) return [];
  const found = textOf(value);
  const kind = typeof value === 'number' ? 'float64' : typeof value === 'boolean' ? 'bool' : typeof value;
  const why = `${path} accessor error: ${found} is of the type ${kind}, expected int64`;
  return [{ type: 'FieldValueInvalid', field: path, message: `Invalid value: 0: ${why}` }];
}

const hasRules = (schema: JsonSchema): boolean =>
  schema['x-kubernetes-validations'] !== undefined ||
  Object.values(schema.properties ?? {}).some(hasRules) ||
  (schema.items !== undefined && hasRules(schema.items)) ||
  (isFields(schema.additionalProperties) && hasRules(schema.additionalProperties));

const typeOf = (value: unknown): string =>
  value === null
    ? 'null'
    : Array.isArray(value)
      ? 'array'
      : typeof value === 'number'
        ? Number.isInteger(value)
          ? 'integer'
          : 'number'
        : typeof value;

/** kube-openapi/pkg/validation/validate with the texts that apiextensions makes of its errors (validation.go). */
function check(value: unknown, schema: JsonSchema, path: string, errors: FieldError[]): void {
  const invalid = (shown: unknown, text: string): void =>
    void errors.push({
      type: 'FieldValueInvalid',
      field: path === '' ? '<nil>' : path,
      message: `Invalid value: ${JSON.stringify(shown)}: ${text}`,
    });
  const here = `${path} in body`;
  if (value === null && schema.nullable) return;
  const type = typeOf(value);
  if (schema['x-kubernetes-int-or-string']) {
    if (type !== 'integer' && type !== 'string') {
      errors.push({
        type: 'FieldValueTypeInvalid',
        field: path,
        message: `Invalid value: ${JSON.stringify(type)}: ${here} must be of type integer,string: ${JSON.stringify(type)}`,
      });
      return;
    }
  } else if (schema.type !== undefined && type !== schema.type && !(schema.type === 'number' && type === 'integer')) {
    errors.push({
      type: 'FieldValueTypeInvalid',
      field: path,
      message: `Invalid value: ${JSON.stringify(type)}: ${here} must be of type ${schema.type}: ${JSON.stringify(type)}`,
    });
    return;
  }
  if (schema.enum && !schema.enum.some((one) => JSON.stringify(one) === JSON.stringify(value))) {
    errors.push({
      type: 'FieldValueNotSupported',
      field: path,
      message: `Unsupported value: ${JSON.stringify(value)}: supported values: ${schema.enum.map((one) => JSON.stringify(one)).join(', ')}`,
    });
  }
  if (typeof value === 'number') checkNumber(value, schema, here, invalid);
  if (typeof value === 'string') checkString(value, schema, here, path, errors, invalid);
  if (Array.isArray(value)) {
    const count = value.length;
    if (schema.maxItems !== undefined && count > schema.maxItems) {
      errors.push({
        type: 'FieldValueTooMany',
        field: path,
        message: `Too many: ${count}: must have at most ${schema.maxItems} items`,
      });
    }
    if (schema.minItems !== undefined && count < schema.minItems)
      invalid(count, `${here} should have at least ${schema.minItems} items`);
    if (schema.uniqueItems && new Set(value.map((item) => JSON.stringify(item))).size < count)
      invalid(value, `${here} shouldn't contain duplicates`);
    if (schema.items) value.forEach((item, index) => check(item, schema.items!, `${path}[${index}]`, errors));
    errors.push(...repeatedItems(value, schema, path));
  }
  if (isFields(value)) checkFields(value, schema, path, errors, invalid);
  for (const part of schema.allOf ?? []) check(value, part, path, errors);
  if (schema.anyOf && !schema.anyOf.some((part) => holds(value, part, path)))
    invalid(shownOf(value), `${here} must validate at least one schema (anyOf)`);
  if (schema.oneOf && schema.oneOf.filter((part) => holds(value, part, path)).length !== 1) {
    invalid(
      shownOf(value),
      `${here} must validate one and only one schema (oneOf). Found ${schema.oneOf.some((part) => holds(value, part, path)) ? 'more than one valid' : 'none valid'} alternatives`,
    );
  }
  if (schema.not && holds(value, schema.not, path))
    invalid(shownOf(value), `${here} must not validate the schema (not)`);
}

const shownOf = (value: unknown): unknown => value;

function holds(value: unknown, schema: JsonSchema, path: string): boolean {
  const errors: FieldError[] = [];
  check(value, schema, path, errors);
  return errors.length === 0;
}

function checkNumber(
  value: number,
  schema: JsonSchema,
  here: string,
  invalid: (shown: unknown, text: string) => void,
): void {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema;
  if (maximum !== undefined && (exclusiveMaximum ? value >= maximum : value > maximum)) {
    invalid(value, `${here} should be less than ${exclusiveMaximum ? '' : 'or equal to '}${maximum}`);
  }
  if (minimum !== undefined && (exclusiveMinimum ? value <= minimum : value < minimum)) {
    invalid(value, `${here} should be greater than ${exclusiveMinimum ? '' : 'or equal to '}${minimum}`);
  }
  if (multipleOf !== undefined && value % multipleOf !== 0)
    invalid(value, `${here} should be a multiple of ${multipleOf}`);
}

function checkString(
  value: string,
  schema: JsonSchema,
  here: string,
  path: string,
  errors: FieldError[],
  invalid: (shown: unknown, text: string) => void,
): void {
  const length = Array.from(value).length; // code points, as Go's runes
  if (schema.maxLength !== undefined && length > schema.maxLength) {
    errors.push({
      type: 'FieldValueTooLong',
      field: path,
      message: `Too long: may not be more than ${schema.maxLength} bytes`,
    });
  }
  if (schema.minLength !== undefined && length < schema.minLength)
    invalid(value, `${here} should be at least ${schema.minLength} chars long`);
  if (schema.pattern !== undefined) checkPattern(value, schema.pattern, here, invalid);
  if (schema.format === 'date-time' && Number.isNaN(Date.parse(value)))
    invalid(value, `${here} must be of type date-time: ${JSON.stringify(value)}`);
}

/** A definition is a learner's: its patterns take linear time, and no more of it than one expression of a policy may. */
function checkPattern(
  value: string,
  pattern: string,
  here: string,
  invalid: (shown: unknown, text: string) => void,
): void {
  try {
    if (!within(MOST_PER_EXPRESSION, () => matches(value, pattern)))
      invalid(value, `${here} should match '${pattern}'`);
  } catch (error) {
    if (error instanceof CostExceeded) invalid(value, `${here}: not simulated: so costly a pattern on so long a text`);
    // A pattern that does not compile is refused with its definition.
  }
}

function checkFields(
  value: Fields,
  schema: JsonSchema,
  path: string,
  errors: FieldError[],
  invalid: (shown: unknown, text: string) => void,
): void {
  const at = (name: string): string => (path === '' ? name : `${path}.${name}`);
  for (const name of schema.required ?? []) {
    if (value[name] === undefined)
      errors.push({ type: 'FieldValueRequired', field: at(name), message: 'Required value' });
  }
  const count = Object.keys(value).length;
  if (schema.maxProperties !== undefined && count > schema.maxProperties) {
    errors.push({
      type: 'FieldValueTooMany',
      field: path,
      message: `Too many: ${count}: must have at most ${schema.maxProperties} items`,
    });
  }
  if (schema.minProperties !== undefined && count < schema.minProperties)
    invalid(count, `${path} in body should have at least ${schema.minProperties} properties`);
  for (const name of Object.keys(value).sort()) {
    const property = schema.properties && Object.hasOwn(schema.properties, name) ? schema.properties[name] : undefined;
    if (property) check(value[name], property, at(name), errors);
    else if (isFields(schema.additionalProperties)) check(value[name], schema.additionalProperties, at(name), errors);
  }
}
