import type { Pod } from '../kubernetes/model/generated/objects.ts';
import type { Cluster } from '../kubernetes/store/cluster.ts';

/** The pod as it stands, with the status that it has by now; undefined when it is gone, also if another has its name. */
export function currentPod(cluster: Cluster, { metadata: { namespace = '', name, uid } }: Pod): Pod | undefined {
  const now = cluster.get(cluster.resource('pods'), namespace, name) as Pod | undefined;
  return now?.metadata.uid === uid ? now : undefined;
}
