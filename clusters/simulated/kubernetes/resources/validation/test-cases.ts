import type { KubeObject } from '../../object.ts';
import type { Strategy } from '../resource.ts';

/** A namespaced object with the fields given, as decoding would leave it. */
export const objectOf = (fields: Readonly<Record<string, unknown>>): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Case',
  ...fields,
  metadata: { name: 'case', namespace: 'default', ...(fields['metadata'] as object | undefined) },
});

/** What a strategy finds in a new object, defaults filled in, one `field: text` each. */
export function foundIn(strategy: Partial<Strategy>, fields: Readonly<Record<string, unknown>>): string[] {
  const draft = objectOf(structuredClone(fields));
  strategy.defaults?.(draft);
  return (strategy.validate?.(draft) ?? []).map(({ field, message }) => `${field}: ${message}`);
}

/** What it finds in a change of an object, or of a subresource of it. */
export function foundInUpdate(
  strategy: Partial<Strategy>,
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
  subresource = '',
): string[] {
  const [old, draft] = [objectOf(structuredClone(before)), objectOf(structuredClone(after))];
  strategy.defaults?.(old);
  strategy.defaults?.(draft);
  const found = strategy.validateUpdate?.(draft, old, subresource) ?? [];
  return found.map(({ field, message }) => `${field}: ${message}`);
}
