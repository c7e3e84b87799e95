import { deepFreeze, type KubeObject } from '../../object.ts';
import type { Resource } from '../../resources/resource.ts';
import { apiVersionOf } from './rows.ts';

const converted = new WeakMap<KubeObject, Map<Resource, KubeObject>>();

/**
 * A stored object as the row's version shows it, frozen and remembered. Versions of a custom resource share their fields
 * (conversion strategy None).
 */
export function asServed(object: KubeObject, row: Resource): KubeObject {
  const apiVersion = apiVersionOf(row);
  if (object.apiVersion === apiVersion) return object;
  const known = converted.get(object)?.get(row);
  if (known) return known;
  const served = deepFreeze(row.conversion ? row.conversion.fromStorage(object) : { ...object, apiVersion });
  const cache = converted.get(object) ?? new Map<Resource, KubeObject>();
  cache.set(row, served);
  if (Object.isFrozen(object)) converted.set(object, cache);
  return served;
}

/** Whether every object is stored in the row's version, so that there is nothing to convert: a custom resource's may be in any. */
export const isStoredAs = (row: Resource): boolean => !row.conversion && row.type !== '';

/** A draft of the row's version as the version that is stored. */
export function asStored(draft: KubeObject, row: Resource, stored: Resource): KubeObject {
  if (row === stored) return draft;
  return row.conversion ? row.conversion.toStorage(draft) : { ...draft, apiVersion: apiVersionOf(stored) };
}
