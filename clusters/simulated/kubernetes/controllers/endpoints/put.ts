import { equal } from '../../model/equality.ts';
import type { KubeObject } from '../../object.ts';
import type { Resource } from '../../resources/resource.ts';
import type { Cluster } from '../../store/cluster.ts';
import { TRIGGER_TIME } from './trigger-times.ts';

/**
 * Makes the object, or brings its labels, annotations that are wanted and the named fields up to date. `changedAt`, RFC 3339, goes along
 * with a change and makes none by itself.
 */
export async function putEndpoints(
  cluster: Cluster,
  row: Resource,
  wanted: KubeObject,
  fields: readonly string[],
  changedAt?: string,
): Promise<void> {
  const { namespace = '', name, labels = {}, annotations = {} } = wanted.metadata;
  const told = changedAt === undefined ? {} : { [TRIGGER_TIME]: changedAt };
  const found = cluster.get(row, namespace, name);
  if (found === undefined) {
    const all = { ...annotations, ...told };
    const metadata = { ...wanted.metadata, ...(Object.keys(all).length === 0 ? {} : { annotations: all }) };
    await cluster.create(row, { ...wanted, metadata });
    return;
  }
  const isSame =
    fields.every((field) => equal(found[field] ?? [], wanted[field] ?? [])) &&
    equal(found.metadata.labels ?? {}, labels) &&
    Object.entries(annotations).every(([key, value]) => found.metadata.annotations?.[key] === value);
  if (isSame) return;
  await cluster.modify(row, { namespace, name }, (draft) => {
    for (const field of fields) draft[field] = wanted[field];
    draft.metadata.labels = { ...labels };
    const { [TRIGGER_TIME]: _, ...others } = draft.metadata.annotations ?? {};
    const all = { ...others, ...annotations, ...told };
    if (Object.keys(all).length > 0) draft.metadata.annotations = all;
    else delete draft.metadata.annotations;
  });
}
