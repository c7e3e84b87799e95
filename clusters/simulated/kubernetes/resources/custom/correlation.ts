import { equal } from '../../model/equality.ts';
import { isFields, own, type JsonSchema } from './schema.ts';

/** What a field was before; nothing where the object is replaced as a whole (apiserver/pkg/cel/common/equality.go). */
export const childOf = (old: unknown, name: string, schema: JsonSchema): unknown =>
  isFields(old) && schema['x-kubernetes-map-type'] !== 'atomic' ? own(old, name) : undefined;

/** The item that had the same keys before; items of other lists cannot be told apart. */
export function itemOf(old: unknown, item: unknown, schema: JsonSchema): unknown {
  const keys = schema['x-kubernetes-list-map-keys'];
  if (schema['x-kubernetes-list-type'] !== 'map' || !keys || !Array.isArray(old) || !isFields(item)) return undefined;
  return old.find((one: unknown) => isFields(one) && keys.every((key) => equal(one[key], item[key])));
}
