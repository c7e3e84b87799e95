import type { KubeAccess } from '../../clusters/cluster.ts';
import { z } from 'zod';
import { kubeRequest, statusMessage } from './request.ts';

/** `/api/v1` or `/apis/<group>/<version>` */
function groupVersionPath(apiVersion: string): string {
  return apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
}

/** The path of a list, of a resource in a namespace, or of one object. */
export function resourcePath(where: {
  readonly apiVersion: string;
  readonly resource: string;
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
}): string {
  const parts = [
    groupVersionPath(where.apiVersion),
    ...(where.namespace === undefined ? [] : ['namespaces', encodeURIComponent(where.namespace)]),
    where.resource,
    ...(where.name === undefined ? [] : [encodeURIComponent(where.name)]),
  ];
  return parts.join('/');
}

const ResourceList = z.looseObject({
  resources: z.array(z.looseObject({ name: z.string(), kind: z.string(), namespaced: z.boolean() })),
});

export type Discovered =
  | { readonly outcome: 'found'; readonly resource: string; readonly namespaced: boolean }
  | { readonly outcome: 'unknown'; readonly reason: string };

/** Which resource a kind is served as, by the API server's own discovery (kubernetes.io/docs/reference/using-api/api-concepts). */
export async function discover(
  access: KubeAccess,
  apiVersion: string,
  kind: string,
  signal: AbortSignal,
): Promise<Discovered> {
  const answer = await kubeRequest(access, { method: 'GET', path: groupVersionPath(apiVersion), signal });
  const list = ResourceList.safeParse(answer.json);
  if (answer.status !== 200 || !list.success) {
    return {
      outcome: 'unknown',
      reason: `discovery of ${apiVersion} answered ${answer.status}: ${statusMessage(answer)}`,
    };
  }
  const found = list.data.resources.find((resource) => resource.kind === kind && !resource.name.includes('/'));
  if (found === undefined) return { outcome: 'unknown', reason: `the API server serves no ${kind} in ${apiVersion}` };
  return { outcome: 'found', resource: found.name, namespaced: found.namespaced };
}
