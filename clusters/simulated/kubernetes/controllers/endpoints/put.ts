import { isDeepStrictEqual } from 'node:util';
import type { KubeObject } from '../../object.ts';
import type { Resource } from '../../resources/resource.ts';
import type { Cluster } from '../../store/cluster.ts';

/** Makes the object, or brings its labels, annotations that are wanted and the named fields up to date. */
export async function putEndpoints(
  cluster: Cluster,
  row: Resource,
  wanted: KubeObject,
  fields: readonly string[],
): Promise<void> {
  const { namespace = '', name, labels = {}, annotations = {} } = wanted.metadata;
  if (cluster.get(row, namespace, name) === undefined) {
    await cluster.create(row, wanted);
    return;
  }
  await cluster.modify(row, { namespace, name }, (draft) => {
    const isSame =
      fields.every((field) => isDeepStrictEqual(structuredClone(draft[field] ?? []), wanted[field] ?? [])) &&
      isDeepStrictEqual({ ...draft.metadata.labels }, labels) &&
      Object.entries(annotations).every(([key, value]) => draft.metadata.annotations?.[key] === value);
    if (isSame) return false;
    for (const field of fields) draft[field] = wanted[field];
    draft.metadata.labels = { ...labels };
    if (Object.keys(annotations).length > 0) {
      draft.metadata.annotations = { ...draft.metadata.annotations, ...annotations };
    }
    return true;
  });
}
