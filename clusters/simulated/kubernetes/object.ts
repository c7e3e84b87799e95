/** Any JSON value. */
export type Json = null | boolean | number | string | Json[] | { [field: string]: Json };

/** apimachinery/pkg/apis/meta/v1/types.go ObjectMeta. Times are RFC 3339 in whole seconds, UTC. */
export interface ObjectMeta {
  name: string;
  generateName?: string;
  namespace?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  deletionGracePeriodSeconds?: number;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  ownerReferences?: OwnerReference[];
  finalizers?: string[];
  managedFields?: ManagedFieldsEntry[];
}

export interface OwnerReference {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller?: boolean;
  blockOwnerDeletion?: boolean;
}

export interface ManagedFieldsEntry {
  manager: string;
  operation: 'Apply' | 'Update';
  apiVersion: string;
  time?: string;
  fieldsType: 'FieldsV1';
  fieldsV1: Record<string, Json>;
  subresource?: string;
}

/**
 * A Kubernetes object in its JSON form. Objects in the store are deeply frozen and shared: whoever changes one works on a
 * clone. Code that knows the kind casts to the interface of that kind in model/generated/objects.ts.
 */
export interface KubeObject {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  [field: string]: unknown;
}

/** Freezes a JSON value all the way down and returns it. Stops at what is frozen already, so shared parts cost nothing. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const name in value) {
    const child = value[name];
    if (typeof child === 'object' && child !== null) deepFreeze(child);
  }
  return value;
}

/** A JSON value anew, all the way down, free to be changed; several times as fast as `structuredClone`. */
export function cloneJson<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(cloneJson) as T;
  const clone = {} as Record<string, unknown>;
  for (const name in value) {
    const child: unknown = value[name];
    const own = typeof child === 'object' && child !== null ? cloneJson(child) : child;
    // A plain assignment would set the prototype.
    if (name === '__proto__')
      Object.defineProperty(clone, name, { value: own, enumerable: true, writable: true, configurable: true });
    else clone[name] = own;
  }
  return clone as T;
}
