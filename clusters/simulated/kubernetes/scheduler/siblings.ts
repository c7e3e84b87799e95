import type { Pod, Service } from '../model/generated/objects.ts';
import type { LabelSelectorValue } from '../model/labels.ts';
import type { Cluster } from '../store/cluster.ts';
import { controllerOf } from '../controllers/ownership.ts';
import { selectorOf } from '../controllers/claim.ts';
import type { Siblings } from './scores.ts';

const OWNERS = new Set(['ReplicaSet', 'StatefulSet', 'ReplicationController']);

/** The labels that a pod's Services and its controller select (plugins/helper/spread.go DefaultSelector); undefined for none. */
export function siblingsOf(cluster: Cluster, pod: Pod): Siblings | undefined {
  const { namespace = '', labels = {} } = pod.metadata;
  const services = (cluster.list(cluster.resource('services'), namespace) as readonly Service[])
    .map(({ spec }) => Object.entries(spec.selector ?? {}))
    .filter((selector) => selector.length > 0 && selector.every(([key, value]) => labels[key] === value));
  const owner = ownerSelector(cluster, pod);
  const matchLabels = { ...Object.fromEntries(services.flat()), ...owner?.matchLabels };
  const matchExpressions = [...(owner?.matchExpressions ?? [])];
  if (Object.keys(matchLabels).length + matchExpressions.length === 0) return undefined;
  return { labelSelector: { matchLabels, matchExpressions } as NonNullable<Siblings['labelSelector']> };
}

function ownerSelector(cluster: Cluster, pod: Pod): LabelSelectorValue | undefined {
  const reference = controllerOf(pod);
  if (reference === undefined || !OWNERS.has(reference.kind)) return undefined;
  const row = cluster.resourceOfKind(reference.apiVersion, reference.kind);
  const owner = row === undefined ? undefined : cluster.get(row, pod.metadata.namespace ?? '', reference.name);
  return owner === undefined ? undefined : selectorOf(owner);
}
