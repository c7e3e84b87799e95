import { z } from 'zod';
import type { Lab } from '../../clusters/cluster.ts';
import type { Probe } from '../../protocol/scenario.ts';
import { nameOf, ObjectList } from '../kube/list.ts';
import { kubeRequest, statusMessage } from '../kube/request.ts';
import { resourcePath } from '../kube/resource-path.ts';
import { type Observation, observed, unobservable } from './observation.ts';

/**
 * Reads objects as the administrator: all of a resource, those of a namespace, those with labels, or one by name.
 * Fact: `{ items: [...] }`, the objects as JSON; `[]` when there are none, or none of that name or in that namespace.
 */
export async function observeObjects(
  probe: Extract<Probe, { kind: 'objects' }>,
  lab: Lab,
  signal: AbortSignal,
): Promise<Observation> {
  const path = resourcePath(probe);
  const query = probe.labelSelector === undefined ? '' : `?labelSelector=${encodeURIComponent(probe.labelSelector)}`;
  const answer = await kubeRequest(await lab.kubeAccess('admin'), { method: 'GET', path: `${path}${query}`, signal });
  const place = probe.namespace === undefined ? '' : ` in ${probe.namespace}`;
  if (answer.status === 404 && probe.name !== undefined) {
    // A Status that names the object tells "no such object" from "no such resource".
    const gone = z.looseObject({
      reason: z.literal('NotFound'),
      details: z.looseObject({ name: z.literal(probe.name) }),
    });
    if (gone.safeParse(answer.json).success)
      return observed({ items: [] }, `no ${probe.resource} ${probe.name}${place}`);
  }
  if (answer.status !== 200) return unobservable(`GET ${path} answered ${answer.status}: ${statusMessage(answer)}`);
  if (answer.truncated) return unobservable(`GET ${path} answered more than can be read`);
  const list = probe.name === undefined ? answer.json : { items: [answer.json] };
  const parsed = ObjectList.safeParse(list);
  if (!parsed.success) return unobservable(`GET ${path} did not answer with objects`);
  const names = parsed.data.items.map(nameOf);
  return observed({ items: parsed.data.items }, `${probe.resource}${place}: ${names.join(', ') || 'none'}`);
}
