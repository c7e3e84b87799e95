import type { JSONSchemaProps } from '../../../model/generated/objects.ts';
import { forbidden, invalid, notSupported, required, type Findings } from '../field-errors.ts';

const LIST_TYPE = 'x-kubernetes-list-type';
const LIST_KEYS = 'x-kubernetes-list-map-keys';
const MAP_TYPE = 'x-kubernetes-map-type';

function requireType(schema: JSONSchemaProps, wanted: string, extension: string, at: string, found: Findings): void {
  const { type = '' } = schema;
  const why = `must be ${wanted} if ${extension} is specified`;
  if (type === '') found.push(required(`${at}.type`, why));
  else if (type !== wanted) found.push(invalid(`${at}.type`, type, why));
}

export function validateMapType(schema: JSONSchemaProps, at: string, found: Findings): void {
  const kind = schema[MAP_TYPE];
  if (kind === undefined) return;
  requireType(schema, 'object', MAP_TYPE, at, found);
  const kinds = ['atomic', 'granular'];
  if (!kinds.includes(kind)) found.push(notSupported(`${at}.${MAP_TYPE}`, kind, kinds));
}

export function validateListType(schema: JSONSchemaProps, at: string, found: Findings): void {
  const { type, items } = schema;
  const [kind, keys] = [schema[LIST_TYPE], schema[LIST_KEYS] ?? []];
  if (kind !== undefined && type !== 'array') requireType(schema, 'array', LIST_TYPE, at, found);
  else if (kind === 'set' && items && !Array.isArray(items)) {
    const why = `must be atomic as item of a list with ${LIST_TYPE}=set`;
    const inner = items[LIST_TYPE];
    if (items.type === 'array' && (inner ?? 'atomic') !== 'atomic') {
      found.push(invalid(`${at}.items.${LIST_TYPE}`, inner, why));
    }
    // Upstream shows the list type here too.
    if (items.type === 'object' && items[MAP_TYPE] !== 'atomic') {
      found.push(invalid(`${at}.items.${MAP_TYPE}`, inner, why));
    }
  }
  const kinds = ['atomic', 'set', 'map'];
  if (kind !== undefined && !kinds.includes(kind)) found.push(notSupported(`${at}.${LIST_TYPE}`, kind, kinds));
  if (keys.length === 0 || kind === 'map') return;
  const why = `must be map if ${LIST_KEYS} is non-empty`;
  found.push(kind === undefined ? required(`${at}.${LIST_TYPE}`, why) : invalid(`${at}.${LIST_TYPE}`, kind, why));
}

/** What a list has to be whose items are found by keys, and what sets have to be (validateMapListKeysMapSet). */
export function validateListMap(schema: JSONSchemaProps, at: string, found: Findings): void {
  const { items } = schema;
  const [kind, keys] = [schema[LIST_TYPE], schema[LIST_KEYS] ?? []];
  if (kind === 'map') {
    if (keys.length === 0) found.push(required(`${at}.${LIST_KEYS}`, `must not be empty if ${LIST_TYPE} is map`));
    if (!items) found.push(required(`${at}.items`, `must have a schema if ${LIST_TYPE} is map`));
    else if (Array.isArray(items)) {
      found.push(invalid(`${at}.items`, items, `must only have a single schema if ${LIST_TYPE} is map`));
    } else if (items.type !== 'object') {
      const why = `must be object if parent array's ${LIST_TYPE} is map`;
      found.push(invalid(`${at}.items.type`, items.type ?? '', why));
    } else validateKeys(items, keys, at, found);
  }
  if (!items || Array.isArray(items) || (kind !== 'map' && kind !== 'set')) return;
  if (items.nullable) found.push(forbidden(`${at}.items.nullable`, `cannot be nullable when ${LIST_TYPE} is ${kind}`));
  if (kind === 'map') validateKeyProperties(items, keys, at, found);
}

function validateKeys(items: JSONSchemaProps, keys: readonly string[], at: string, found: Findings): void {
  for (const [i, key] of keys.entries()) {
    const property = items.properties?.[key];
    if (!property) found.push(invalid(`${at}.${LIST_KEYS}`, keys, 'entries must all be names of item properties'));
    else if (property.type === 'array' || property.type === 'object') {
      const why = `must be a scalar type if parent array's ${LIST_TYPE} is map`;
      found.push(invalid(`${at}.items.properties[${key}].type`, items.type, why));
    }
    if (keys.indexOf(key) < i) found.push(invalid(`${at}.${LIST_KEYS}`, keys, 'must not contain duplicate entries'));
  }
}

function validateKeyProperties(items: JSONSchemaProps, keys: readonly string[], at: string, found: Findings): void {
  for (const key of keys) {
    const property = items.properties?.[key];
    if (!property) continue;
    const [field, itIs] = [`${at}.items.properties[${key}]`, `this property is in ${LIST_KEYS}, so it`];
    if (!(items.required ?? []).includes(key) && property.default === undefined) {
      found.push(required(`${field}.default`, `${itIs} must have a default or be a required property`));
    }
    if (property.nullable) found.push(forbidden(`${field}.nullable`, `${itIs} cannot be nullable`));
  }
}
