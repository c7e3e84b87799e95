import { patternProblem } from '../../../admission/cel/patterns.ts';
import type { JSONSchemaProps } from '../../../model/generated/objects.ts';
import { forbidden, invalid, required, type Findings } from '../field-errors.ts';
import { sameValue } from '../immutable.ts';

type Level = 'root' | 'item' | 'field';

const UNTYPED: Readonly<Record<Level, string>> = {
  root: 'must not be empty at the root',
  item: 'must not be empty for specified array items',
  field: 'must not be empty for specified object fields',
};
const EMBEDDED = 'x-kubernetes-embedded-resource';
const INT_OR_STRING = 'x-kubernetes-int-or-string';
const PRESERVE = 'x-kubernetes-preserve-unknown-fields';
const INT_OR_STRING_PATTERN = [{ type: 'integer' }, { type: 'string' }];
/** What only the spine may say, and what it has to be below a junctor; in upstream's order. */
const SPINE_ONLY = [
  ['default', 'must be undefined to be structural'],
  ['title', 'must be empty to be structural'],
  ['description', 'must be empty to be structural'],
  ['nullable', 'must be false to be structural'],
  [PRESERVE, 'must be false to be structural'],
  [EMBEDDED, 'must be false to be structural'],
  [INT_OR_STRING, 'must be false to be structural'],
  ['x-kubernetes-list-map-keys', 'must be empty to be structural'],
  ['x-kubernetes-list-type', 'must be undefined to be structural'],
  ['x-kubernetes-map-type', 'must be undefined to be structural'],
  ['x-kubernetes-validations', 'must be empty to be structural'],
] as const satisfies readonly (readonly [keyof JSONSchemaProps, string])[];
const JUNCTORS = ['allOf', 'anyOf', 'oneOf'] as const;
/** What may be said of metadata at the root, `default` being refused elsewhere. */
const OF_METADATA: ReadonlySet<string> = new Set(['type', 'properties', 'default']);
const NAMES: ReadonlySet<string> = new Set(['name', 'generateName']);

/** What makes a schema unfit for a structural one; other findings tell of it (NewStructural). */
export function isConvertible(schema: JSONSchemaProps): boolean {
  const { id, items, additionalProperties, not, properties = {}, type } = schema;
  if (id || type === 'null' || Array.isArray(items)) return false;
  for (const part of ['$ref', 'definitions', 'dependencies', 'patternProperties', 'additionalItems'] as const) {
    if (schema[part] !== undefined) return false;
  }
  const below = [items, additionalProperties, not, ...Object.values(properties)];
  for (const junctor of JUNCTORS) below.push(...(schema[junctor] ?? []));
  return below.every((part) => typeof part !== 'object' || isConvertible(part));
}

/**
 * ValidateStructural of apiextensions-apiserver/pkg/apiserver/schema/validation.go: everything has a type, and logic adds only checks.
 * In alphabetical order, as upstream gives it.
 */
export function structuralFindings(schema: JSONSchemaProps, at: string): Findings {
  const found: Findings = [];
  validateSpine(schema, 'root', at, found);
  validateCompleteness(schema, schema, { spine: at, value: at }, false, found);
  const textOf = ({ field, message }: Findings[number]): string => `${field}: ${message}`;
  return found.toSorted((a, b) => (textOf(a) < textOf(b) ? -1 : 1));
}

function validateSpine(schema: JSONSchemaProps, level: Level, at: string, found: Findings): void {
  const { type = '', items, properties = {}, additionalProperties } = schema;
  const embedded = schema[EMBEDDED] === true;
  const [intOrString, preserves] = [schema[INT_OR_STRING] === true, schema[PRESERVE] === true];
  if (type === 'array' && items === undefined) found.push(required(`${at}.items`, 'must be specified'));
  if (items) validateSpine(items as JSONSchemaProps, 'item', `${at}.items`, found);
  for (const [name, property] of Object.entries(properties)) {
    validateSpine(property, 'field', `${at}.properties[${name}]`, found);
  }
  if (additionalProperties !== undefined) {
    const field = `${at}.additionalProperties`;
    if (level === 'root') found.push(forbidden(field, 'must not be used at the root'));
    if (typeof additionalProperties === 'object') validateSpine(additionalProperties, 'field', field, found);
    if (embedded) found.push(forbidden(field, `must not be used if ${EMBEDDED} is set`));
  }
  for (const [set, extension] of [
    [preserves, PRESERVE],
    [embedded, EMBEDDED],
  ] as const) {
    if (intOrString && set) {
      found.push(invalid(`${at}.${extension}`, true, `must be false if ${INT_OR_STRING} is true`));
    }
  }
  validateJunctors(schema, exceptionsOf(schema), level, at, found);
  if (embedded && type !== 'object') {
    const why = `must be object if ${EMBEDDED} is true`;
    found.push(type === '' ? required(`${at}.type`, why) : invalid(`${at}.type`, type, why));
  } else if (type === '' && !intOrString && !preserves) found.push(required(`${at}.type`, UNTYPED[level]));
  if (level === 'root' && type !== '' && type !== 'object') {
    found.push(invalid(`${at}.type`, type, 'must be object at the root'));
  }
  if (level === 'root' || embedded) validateMeta(properties, level, at, found);
  if (embedded && !preserves && Object.keys(properties).length === 0) {
    found.push(required(`${at}.properties`, `must not be empty if ${EMBEDDED} is true without ${PRESERVE}`));
  }
}

/** The fields that every object has. */
function validateMeta(
  properties: Readonly<Record<string, JSONSchemaProps>>,
  level: Level,
  at: string,
  found: Findings,
): void {
  for (const name of ['kind', 'apiVersion']) {
    const property = properties[name];
    if (property && property.type !== 'string') {
      found.push(invalid(`${at}.properties[${name}].type`, property.type ?? '', 'must be string'));
    }
  }
  const { metadata } = properties;
  if (!metadata) return;
  const field = `${at}.properties[metadata]`;
  if (metadata.type !== 'object') found.push(invalid(`${field}.type`, metadata.type ?? '', 'must be object'));
  if (level !== 'root') return;
  const plain =
    Object.keys(metadata).every((said) => OF_METADATA.has(said)) &&
    Object.keys(metadata.properties ?? {}).every((name) => NAMES.has(name));
  if (plain) return;
  const why = 'must not specify anything other than name and generateName, but metadata is implicitly specified';
  found.push(forbidden(field, why));
}

interface Exceptions {
  readonly anyOf: boolean;
  readonly firstAllOf: boolean;
}

/** `x-kubernetes-int-or-string` may be spelled out in an `anyOf` of its own, or in that of the first `allOf`. */
const exceptionsOf = ({ anyOf, allOf }: JSONSchemaProps): Exceptions => ({
  anyOf: sameValue(anyOf, INT_OR_STRING_PATTERN),
  firstAllOf: sameValue(allOf?.[0]?.anyOf, INT_OR_STRING_PATTERN),
});
const NO_EXCEPTION: Exceptions = { anyOf: false, firstAllOf: false };

/** validateValueValidation */
function validateJunctors(
  schema: JSONSchemaProps,
  skipped: Exceptions,
  level: Level,
  at: string,
  found: Findings,
): void {
  for (const junctor of JUNCTORS) {
    if (junctor === 'anyOf' && skipped.anyOf) continue;
    for (const [i, part] of (schema[junctor] ?? []).entries()) {
      const skip = { ...NO_EXCEPTION, anyOf: junctor === 'allOf' && i === 0 && skipped.firstAllOf };
      validateNested(part, skip, level, `${at}.${junctor}[${i}]`, found);
    }
  }
  if (schema.not) validateNested(schema.not, NO_EXCEPTION, level, `${at}.not`, found);
  const wrong = schema.pattern ? patternProblem(schema.pattern) : undefined;
  if (wrong !== undefined) {
    found.push(invalid(`${at}.pattern`, schema.pattern, `must be a valid regular expression, but isn't: ${wrong}`));
  }
}

/** validateNestedValueValidation: below a junctor, nothing but checks. */
function validateNested(schema: JSONSchemaProps, skipped: Exceptions, level: Level, at: string, found: Findings): void {
  const { items, properties = {}, additionalProperties } = schema;
  validateJunctors(schema, skipped, level, at, found);
  if (items) validateNested(items as JSONSchemaProps, NO_EXCEPTION, level, `${at}.items`, found);
  for (const [name, property] of Object.entries(properties)) {
    validateNested(property, NO_EXCEPTION, 'field', `${at}.properties[${name}]`, found);
  }
  if (schema.type) found.push(forbidden(`${at}.type`, 'must be empty to be structural'));
  if (additionalProperties !== undefined) {
    found.push(forbidden(`${at}.additionalProperties`, 'must be undefined to be structural'));
  }
  for (const [field, why] of SPINE_ONLY) {
    const said = schema[field];
    const empty = said === undefined || said === '' || said === false || (Array.isArray(said) && said.length === 0);
    if (field === 'default' ? said !== undefined : !empty) found.push(forbidden(`${at}.${field}`, why));
  }
  if (Object.hasOwn(properties, 'metadata')) {
    found.push(forbidden(`${at}.properties[metadata]`, 'must not be specified in a nested context'));
  }
}

interface Places {
  readonly spine: string;
  readonly value: string;
}

/** complete.go: what logic speaks of has to be in the spine as well. */
function validateCompleteness(
  value: JSONSchemaProps,
  spine: JSONSchemaProps | undefined,
  at: Places,
  nested: boolean,
  found: Findings,
): void {
  if (!spine) return void found.push(required(at.spine, `because it is defined in ${at.value}`));
  const inLogic = (part: JSONSchemaProps, name: string): void =>
    validateCompleteness(part, spine, { ...at, value: `${at.value}.${name}` }, true, found);
  if (value.not) inLogic(value.not, 'not');
  for (const junctor of JUNCTORS) {
    for (const [i, part] of (value[junctor] ?? []).entries()) inLogic(part, `${junctor}[${i}]`);
  }
  if (!nested) return;
  const below = (part: JSONSchemaProps, own: JSONSchemaProps | undefined, name: string): void =>
    validateCompleteness(part, own, { spine: `${at.spine}.${name}`, value: `${at.value}.${name}` }, true, found);
  if (value.items) below(value.items as JSONSchemaProps, spine.items as JSONSchemaProps | undefined, 'items');
  for (const [name, property] of Object.entries(value.properties ?? {})) {
    below(property, spine.properties?.[name], `properties[${name}]`);
  }
}
