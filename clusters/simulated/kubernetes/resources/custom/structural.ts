import type { JsonSchema } from './schema.ts';

type Fields = Record<string, unknown>;
const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Takes out what the schema does not know and says what that was (apiextensions-apiserver/pkg/apiserver/schema/pruning). */
export function prune(value: unknown, schema: JsonSchema, root: boolean, path = '', found: string[] = []): string[] {
  if (schema['x-kubernetes-preserve-unknown-fields'] && !schema.properties && !schema.items) return found;
  if (Array.isArray(value)) {
    if (schema.items) value.forEach((item, index) => prune(item, schema.items!, false, `${path}[${index}]`, found));
    return found;
  }
  if (!isFields(value)) return found;
  const embedded = root || schema['x-kubernetes-embedded-resource'];
  for (const name of Object.keys(value)) {
    const at = path === '' ? name : `${path}.${name}`;
    if (embedded && (name === 'apiVersion' || name === 'kind' || name === 'metadata')) continue;
    const property = schema.properties && Object.hasOwn(schema.properties, name) ? schema.properties[name] : undefined;
    if (property) prune(value[name], property, false, at, found);
    else if (isFields(schema.additionalProperties)) prune(value[name], schema.additionalProperties, false, at, found);
    else if (schema.additionalProperties !== true && !schema['x-kubernetes-preserve-unknown-fields']) {
      delete value[name];
      found.push(`unknown field ${JSON.stringify(at)}`);
    }
  }
  return found;
}

/** Fills in defaults; a null where null is not allowed counts as absent (pkg/apiserver/schema/defaulting). */
export function fillDefaults(value: unknown, schema: JsonSchema): void {
  if (Array.isArray(value)) {
    if (schema.items) for (const item of value) fillDefaults(item, schema.items);
    return;
  }
  if (!isFields(value)) return;
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    if (value[name] === null && !property.nullable && property.default !== undefined) delete value[name];
    if (value[name] === undefined && property.default !== undefined) value[name] = structuredClone(property.default);
    fillDefaults(value[name], property);
  }
  if (isFields(schema.additionalProperties)) {
    for (const name of Object.keys(value)) {
      if (!schema.properties || !Object.hasOwn(schema.properties, name)) {
        fillDefaults(value[name], schema.additionalProperties);
      }
    }
  }
}
