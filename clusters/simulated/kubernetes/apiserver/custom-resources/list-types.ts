import type { FieldError } from '../../status.ts';
import type { JsonSchema } from './definition.ts';

/** Items that a list which is a set, or a map by keys, holds twice (apiextensions-apiserver schema/listtype/validation.go). */
export function repeatedItems(items: readonly unknown[], schema: JsonSchema, path: string): FieldError[] {
  const shown = shownOf(schema);
  if (!shown) return [];
  const seen = new Set<string>();
  const errors: FieldError[] = [];
  items.forEach((item, index) => {
    const key = JSON.stringify(shown(item));
    if (seen.has(key)) {
      errors.push({ type: 'FieldValueDuplicate', field: `${path}[${index}]`, message: `Duplicate value: ${key}` });
    }
    seen.add(key);
  });
  return errors;
}

function shownOf(schema: JsonSchema): ((item: unknown) => unknown) | undefined {
  const keys = schema['x-kubernetes-list-map-keys'];
  switch (schema['x-kubernetes-list-type']) {
    case 'set':
      return (item) => item;
    case 'map':
      return keys && ((item) => keyOf(item, keys));
    default:
      return undefined;
  }
}

function keyOf(item: unknown, keys: readonly string[]): unknown {
  if (typeof item !== 'object' || item === null) return item;
  const fields = item as Record<string, unknown>;
  return Object.fromEntries(keys.toSorted().flatMap((key) => (fields[key] === undefined ? [] : [[key, fields[key]]])));
}
