import { duplicate, type Findings } from '../validation/field-errors.ts';
import { isFields, own, type JsonSchema } from './schema.ts';

/** Items that a list which is a set, or a map by keys, holds twice (apiextensions-apiserver schema/listtype/validation.go). */
export function repeatedItems(value: unknown, schema: JsonSchema, path = '', found: Findings = []): Findings {
  if (Array.isArray(value)) {
    const shown = shownOf(schema);
    if (shown) addRepeated(value.map(shown), path, found);
    for (const [i, item] of schema.items ? value.entries() : []) {
      repeatedItems(item, schema.items!, `${path}[${i}]`, found);
    }
  }
  if (!isFields(value)) return found;
  for (const [name, field] of Object.entries(value)) {
    const property = own(schema.properties, name);
    const part = property ?? schema.additionalProperties;
    const at = property ? (path === '' ? name : `${path}.${name}`) : `${path}[${name}]`;
    if (typeof part === 'object') repeatedItems(field, part, at, found);
  }
  return found;
}

/** The second of two alike is told, and those after it are not. */
function addRepeated(items: readonly unknown[], path: string, found: Findings): void {
  const times = new Map<string, number>();
  for (const [i, item] of items.entries()) {
    const key = JSON.stringify(item);
    const before = times.get(key) ?? 0;
    times.set(key, before + 1);
    if (before === 1) found.push(duplicate(`${path}[${i}]`, item));
  }
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
  if (!isFields(item)) return item;
  return Object.fromEntries(keys.toSorted().flatMap((key) => (item[key] === undefined ? [] : [[key, item[key]]])));
}
