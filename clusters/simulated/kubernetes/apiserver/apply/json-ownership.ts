import type { JsonSchema } from '../../resources/custom/schema.ts';
import type { Ownership } from './ownership.ts';

const known = new WeakMap<JsonSchema, Ownership>();

/**
 * How a value of a custom resource is owned, as its definition says: lists as a whole unless they are sets or maps, objects by their
 * fields unless they are atomic (structured-merge-diff over the definition's OpenAPI). What has no schema is deduced.
 */
export function ownershipOfJson(schema: JsonSchema): Ownership {
  let ownership = known.get(schema);
  if (!ownership) {
    ownership = read(schema);
    known.set(schema, ownership);
  }
  return ownership;
}

function read(schema: JsonSchema): Ownership {
  if (schema.type === 'object' && schema['x-kubernetes-map-type'] === 'atomic') return { by: 'whole' };
  if (schema.type === 'array') {
    const keys = schema['x-kubernetes-list-map-keys'];
    if (schema['x-kubernetes-list-type'] === 'set') return { by: 'elements' };
    if (schema['x-kubernetes-list-type'] === 'map' && keys) {
      return { by: 'keys', keys, of: schema.items ? ownershipOfJson(schema.items) : { by: 'deduction' } };
    }
    return { by: 'whole' };
  }
  return {
    by: 'deduction',
    within(name) {
      const own = schema.properties && Object.hasOwn(schema.properties, name) ? schema.properties[name] : undefined;
      const more = typeof schema.additionalProperties === 'object' ? schema.additionalProperties : undefined;
      const inner = own ?? more;
      return inner && ownershipOfJson(inner);
    },
  };
}
