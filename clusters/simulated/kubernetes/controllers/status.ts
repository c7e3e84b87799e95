import type { KubeObject } from '../object.ts';
import type { Resource } from '../resources/resource.ts';
import type { Cluster } from '../store/cluster.ts';

/** Who writes for the controllers, in managedFields. */
export const WRITING = { fieldManager: 'kube-controller-manager' } as const;

/**
 * Writes an object's status, unless it says the same already: what Go leaves out when it is empty counts as absent here too
 * (`omitempty`; the registry leaves it out when it stores). Resolves for an object that is gone.
 */
export async function writeStatus(
  cluster: Cluster,
  resource: Resource,
  object: KubeObject,
  status: object,
  fieldManager: string = WRITING.fieldManager,
): Promise<void> {
  if (sameButForEmpty(object['status'], status)) return;
  const { namespace = '', name, uid } = object.metadata;
  await cluster.modify(
    resource,
    { namespace, name },
    (draft) => {
      if (draft.metadata.uid !== uid) return false;
      draft['status'] = structuredClone(status);
      return true;
    },
    { subresource: 'status', fieldManager },
  );
}

/** Equality of two JSON values for which an absent field, null, 0, false, "", [] and {} are one. */
export function sameButForEmpty(a: unknown, b: unknown): boolean {
  if (isEmpty(a) || isEmpty(b)) return isEmpty(a) && isEmpty(b);
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b;
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
    return a.every((item, at) => sameButForEmpty(item, b[at]));
  }
  const left = a as Record<string, unknown>;
  const right = b as Record<string, unknown>;
  for (const field of new Set([...Object.keys(left), ...Object.keys(right)])) {
    if (!sameButForEmpty(left[field], right[field])) return false;
  }
  return true;
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === 0 || value === '' || value === false) return true;
  if (typeof value !== 'object') return false;
  return Object.values(value).every((child) => isEmpty(child) && !Array.isArray(value));
}
