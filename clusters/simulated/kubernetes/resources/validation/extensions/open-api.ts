import type { JSONSchemaProps } from '../../../model/generated/objects.ts';
import { forbidden, invalid, notSupported, type Findings } from '../field-errors.ts';
import { validateListMap, validateListType, validateMapType } from './list-kinds.ts';
import { validateRuleFields } from './rule-fields.ts';
import { ruleFindings } from './rules.ts';
import type { RuleTypes } from './rule-types.ts';

const TYPES = ['array', 'boolean', 'integer', 'number', 'object', 'string'];
const UNSUPPORTED = ['id', 'additionalItems', 'patternProperties', 'definitions', 'dependencies', '$ref'] as const;
const META_FIELDS: ReadonlySet<string> = new Set(['metadata', 'kind', 'apiVersion']);
const EMBEDDED = 'x-kubernetes-embedded-resource';

interface Place {
  readonly at: string;
  readonly root?: boolean;
  /** Why there may be no default. */
  readonly noDefault?: string;
  readonly insideMeta?: boolean;
  /** The first ancestor of which an old value cannot be found. */
  readonly uncorrelatable?: string;
  /** The types of rules; undefined where rules are not compiled. */
  readonly types: RuleTypes | undefined;
}

/** What is wrong with a schema and with the rules in it, which come after all of the schema's. */
export interface OpenApiFindings {
  readonly schema: Findings;
  readonly rules: Findings;
}

/** ValidateCustomResourceDefinitionOpenAPISchema */
export function openApiFindings(schema: JSONSchemaProps, place: Place): OpenApiFindings {
  const found: OpenApiFindings = { schema: [], rules: [] };
  const { at, types } = place;
  const { items, not, properties = {}, additionalProperties } = schema;
  const into = (part: JSONSchemaProps, name: string, change: Partial<Place> = {}): void => {
    const below = openApiFindings(part, { ...place, root: false, types: undefined, ...change, at: `${at}.${name}` });
    found.schema.push(...below.schema);
    found.rules.push(...below.rules);
  };
  validateStandard(schema, place, found.schema);
  if (schema.uniqueItems === true) {
    const why = 'uniqueItems cannot be set to true since the runtime complexity becomes quadratic';
    found.schema.push(forbidden(`${at}.uniqueItems`, why));
  }
  if (additionalProperties !== undefined) {
    if (Object.keys(properties).length > 0 && additionalProperties !== true) {
      const why = 'additionalProperties and properties are mutual exclusive';
      found.schema.push(forbidden(`${at}.additionalProperties`, why));
    }
    if (typeof additionalProperties === 'object') {
      const noDefault = 'inside additionalProperties applying to object metadata';
      const change = place.insideMeta ? { noDefault } : {};
      into(additionalProperties, 'additionalProperties', { ...change, types: types?.additionalProperties() });
    }
  }
  for (const [name, property] of Object.entries(properties).toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    into(property, `properties[${name}]`, { ...propertyPlace(schema, name, place), types: types?.property(name) });
  }
  if (not) into(not, 'not');
  for (const junctor of ['allOf', 'oneOf', 'anyOf'] as const) {
    for (const [i, part] of (schema[junctor] ?? []).entries()) into(part, `${junctor}[${i}]`);
  }
  for (const [name, part] of Object.entries(schema.definitions ?? {})) into(part, `definitions[${name}]`);
  const inItems =
    schema['x-kubernetes-list-type'] === 'map' ? {} : { uncorrelatable: place.uncorrelatable ?? place.at };
  for (const [i, item] of Array.isArray(items) ? items.entries() : []) into(item, `items[${i}]`, inItems);
  if (items && !Array.isArray(items)) into(items, 'items', { ...inItems, types: types?.items() });
  for (const [name, part] of Object.entries(schema.dependencies ?? {})) {
    if (!Array.isArray(part)) into(part, `dependencies[${name}]`);
  }
  if (schema['x-kubernetes-preserve-unknown-fields'] === false) {
    found.schema.push(invalid(`${at}.x-kubernetes-preserve-unknown-fields`, false, 'must be true or undefined'));
  }
  validateMapType(schema, at, found.schema);
  validateListType(schema, at, found.schema);
  validateListMap(schema, at, found.schema);
  validateRuleFields(schema, at, found.schema);
  if (found.schema.length === 0 && types) found.rules.push(...ruleFindings(schema, types, at, place.uncorrelatable));
  return found;
}

function propertyPlace(schema: JSONSchemaProps, name: string, place: Place): Partial<Place> {
  const change: { -readonly [K in keyof Place]?: Place[K] } = {};
  if (schema['x-kubernetes-map-type'] === 'atomic') change.uncorrelatable = place.uncorrelatable ?? place.at;
  if (!META_FIELDS.has(name) || !(place.root || schema[EMBEDDED])) return change;
  change.insideMeta = true;
  if (place.root) change.noDefault = `in top-level ${name}`;
  return change;
}

/** specStandardValidatorV3 */
function validateStandard(schema: JSONSchemaProps, { at, noDefault, insideMeta }: Place, found: Findings): void {
  const { type = '', items } = schema;
  if (type !== '' && !TYPES.includes(type)) found.push(notSupported(`${at}.type`, type, TYPES));
  if (schema.default !== undefined && noDefault !== undefined) {
    found.push(forbidden(`${at}.default`, `must not be set ${noDefault}`));
  }
  for (const field of UNSUPPORTED) {
    if (schema[field] !== undefined && schema[field] !== '') {
      found.push(forbidden(`${at}.${field}`, `${field} is not supported`));
    }
  }
  if (type === 'null') {
    found.push(forbidden(`${at}.type`, 'type cannot be set to null, use nullable as an alternative'));
  }
  if (Array.isArray(items) && items.length > 0) {
    found.push(forbidden(`${at}.items`, 'items must be a schema object and not an array'));
  }
  if (insideMeta && schema[EMBEDDED]) {
    found.push(forbidden(`${at}.${EMBEDDED}`, 'must not be used inside of resource meta'));
  }
}
