import { z } from 'zod';
import type { KubeAccess } from '../../clusters/cluster.ts';
import { kubeRequest, statusMessage } from './request.ts';

/** What every object of a list has. */
const ListedObject = z.looseObject({
  metadata: z.looseObject({ name: z.string(), namespace: z.string().optional() }),
});
export type ListedObject = z.infer<typeof ListedObject>;

/** What a GET of a list answers with. */
export const ObjectList = z.looseObject({ items: z.array(ListedObject) });

export type Listed =
  | { readonly outcome: 'listed'; readonly items: readonly ListedObject[] }
  | { readonly outcome: 'not-listed'; readonly reason: string };

/** All objects under the path of a list. Rejects as `kubeRequest` does. */
export async function listObjects(access: KubeAccess, path: string, signal: AbortSignal): Promise<Listed> {
  const answer = await kubeRequest(access, { method: 'GET', path, signal });
  const list = ObjectList.safeParse(answer.json);
  if (answer.status === 200 && !answer.truncated && list.success) return { outcome: 'listed', items: list.data.items };
  const why = answer.truncated ? 'too much to read' : statusMessage(answer);
  return { outcome: 'not-listed', reason: `GET ${path} answered ${answer.status}: ${why}` };
}

/** `namespace/name`, or the name of what lies in no namespace. */
export function nameOf({ metadata }: ListedObject): string {
  return metadata.namespace === undefined ? metadata.name : `${metadata.namespace}/${metadata.name}`;
}
