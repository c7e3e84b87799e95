import { duplicate, invalid, notSupported, required, tooMany, type Findings } from '../validation/field-errors.ts';
import { childOf, itemOf } from './correlation.ts';
import { equal } from '../../model/equality.ts';
import { formatHolds } from './formats.ts';
import { checkLogic } from './logic.ts';
import { checkNumber, checkText } from './scalars.ts';
import type { Outcome, Place } from './outcome.ts';
import { isFields, own, type Fields, type JsonSchema } from './schema.ts';

const typeOf = (value: unknown): string => {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
};

const at = (path: string): string => (path === '' ? '<nil>' : path);
export const below = (path: string, name: string): string => (path === '' ? name : `${path}.${name}`);

/**
 * kube-openapi/pkg/validation/validate with the texts that apiextensions makes of its errors (pkg/apiserver/validation). What an update
 * leaves as it was is not held against it (ratcheting.go).
 */
export function check(value: unknown, schema: JsonSchema, place: Place): Outcome {
  const { path, old } = place;
  const found: Findings = [];
  if (old !== undefined && equal(value, old)) return { found, looks: 0 };
  let looks = 2;
  const add = (outcome: Outcome): void => {
    found.push(...outcome.found);
    looks += outcome.looks;
  };
  if (typesOf(schema).length > 0 || schema.format !== undefined) {
    looks++;
    checkType(value, schema, path, found);
  }
  if (value !== null) {
    // Parts of logic are not correlated: what is the same as before was left out above.
    add(checkLogic(schema, path, (part) => check(value, part, { path })));
    if (typeof value === 'string') {
      looks += schema.format === undefined ? 1 : 2;
      checkText(value, schema, path, found);
      if (schema.format !== undefined && !formatHolds(value, schema.format)) {
        found.push(mistyped(path, value, `must be of type ${schema.format}: ${JSON.stringify(value)}`));
      }
    }
    if (typeof value === 'number') {
      looks++;
      checkNumber(value, schema, path, found);
    }
    if (Array.isArray(value)) add(checkItems(value, schema, place));
  }
  checkEnum(value, schema, path, found);
  if (isFields(value)) add(checkFields(value, schema, place));
  return { found, looks };
}

const typesOf = ({ type, 'x-kubernetes-int-or-string': either }: JsonSchema): string[] =>
  either ? ['integer', 'string'] : type === undefined ? [] : [type];

const mistyped = (path: string, shown: unknown, why: string): Findings[number] => ({
  ...invalid(at(path), shown, `${path} in body ${why}`),
  type: 'FieldValueTypeInvalid',
});

function checkType(value: unknown, schema: JsonSchema, path: string, found: Findings): void {
  const wanted = typesOf(schema);
  const type = typeOf(value);
  if (value === null && (schema.nullable || wanted.length === 0)) return;
  const numeric = wanted.includes('number') || wanted.includes('integer');
  if (!numeric && schema.format !== undefined && (type === 'string' || type === 'array')) return;
  if (wanted.includes(type) || (type === 'integer' && wanted.includes('number'))) return;
  found.push(mistyped(path, type, `must be of type ${wanted.join(',')}: ${JSON.stringify(type)}`));
}

function checkEnum(value: unknown, { enum: allowed, nullable }: JsonSchema, path: string, found: Findings): void {
  if (!allowed || allowed.some((one) => equal(one, value)) || (value === null && nullable)) return;
  const shown = allowed.map((one) => (typeof one === 'string' ? one : JSON.stringify(one)));
  found.push(notSupported(at(path), value, shown));
}

function checkItems(items: readonly unknown[], schema: JsonSchema, { path, old }: Place): Outcome {
  const found: Findings = [];
  let looks = 1;
  for (const [i, item] of schema.items ? items.entries() : []) {
    const outcome = check(item, schema.items!, { path: `${path}[${i}]`, old: itemOf(old, item, schema) });
    found.push(...outcome.found);
    looks += outcome.looks;
  }
  const { minItems, maxItems, uniqueItems } = schema;
  const count = items.length;
  if (minItems !== undefined && count < minItems) {
    found.push(invalid(at(path), count, `${path} in body should have at least ${minItems} items`));
  }
  if (maxItems !== undefined && count > maxItems) found.push(tooMany(at(path), count, maxItems));
  if (uniqueItems && new Set(items.map((item) => JSON.stringify(item))).size < count) {
    found.push(duplicate(at(path), items));
  }
  return { found, looks };
}

function checkFields(value: Fields, schema: JsonSchema, { path, old }: Place): Outcome {
  const found: Findings = [];
  let looks = 1;
  const names = Object.keys(value).filter((name) => value[name] !== undefined);
  const { minProperties, maxProperties, additionalProperties, properties } = schema;
  if (minProperties !== undefined && names.length < minProperties) {
    found.push(invalid(at(path), minProperties, `${path} in body should have at least ${minProperties} properties`));
    return { found, looks };
  }
  if (maxProperties !== undefined && names.length > maxProperties) {
    return { found: [tooMany(at(path), names.length, maxProperties)], looks };
  }
  for (const name of names.toSorted()) {
    const part = own(properties, name) ?? additionalProperties;
    if (part === false) found.push(invalid(at(path), name, `${path}.${name} in body is a forbidden property`));
    if (typeof part !== 'object') continue;
    const outcome = check(value[name], part, { path: below(path, name), old: childOf(old, name, schema) });
    found.push(...outcome.found);
    looks += outcome.looks;
  }
  for (const name of schema.required ?? []) if (value[name] === undefined) found.push(required(below(path, name)));
  return { found, looks };
}
