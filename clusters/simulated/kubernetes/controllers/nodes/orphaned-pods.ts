import { timestamp } from '../../../clock.ts';
import type { Node, Pod } from '../../model/generated/objects.ts';
import type { Cluster } from '../../store/cluster.ts';
import { withCondition } from '../conditions.ts';
import { type Controller, keyOf, splitKey } from '../controller.ts';
import { writeStatus } from '../status.ts';

/** How long a node may be gone before its pods are taken to be (podgc quarantineTime). */
const QUARANTINE_MS = 40_000;
const OUT_OF_SERVICE = 'node.kubernetes.io/out-of-service';
const NODE_GONE = {
  type: 'DisruptionTarget',
  status: 'True',
  reason: 'DeletionByPodGC',
  message: 'PodGC: node no longer exists',
};

/**
 * pkg/controller/podgc: pods whose node is gone fail and are deleted, as nobody else would; so are pods that are being deleted on a node
 * that is out of service. Its count of ended pods is out of a lab's reach (`--terminated-pod-gc-threshold`, 12,500).
 */
export function orphanedPodsController(cluster: Cluster): Controller {
  const pods = cluster.resource('pods');
  const nodes = cluster.resource('nodes');
  /** Since when a node that has pods is missed, in milliseconds since 1970. */
  const missed = new Map<string, number>();
  const nodeOf = ({ spec }: Pod): Node | undefined => cluster.get(nodes, '', spec.nodeName ?? '') as Node | undefined;
  const podsOn = (node: string): string[] =>
    (cluster.list(pods) as readonly Pod[]).filter(({ spec }) => spec.nodeName === node).map(keyOf);

  async function fail(pod: Pod, isOrphan: boolean): Promise<void> {
    const { namespace = '', name, uid = '' } = pod.metadata;
    if (pod.status.phase !== 'Succeeded' && pod.status.phase !== 'Failed') {
      const now = timestamp(cluster.clock);
      const conditions = isOrphan ? withCondition(pod.status.conditions, NODE_GONE, now) : pod.status.conditions;
      const status = { ...pod.status, phase: 'Failed', ...(conditions === undefined ? {} : { conditions }) };
      await writeStatus(cluster, pods, pod, status);
    }
    await cluster.delete(pods, namespace, name, { uid, gracePeriodSeconds: 0 });
  }

  return {
    name: 'pod-garbage-collector-controller',
    watches: [
      { resource: nodes, keys: ({ object }) => podsOn(object.metadata.name) },
      {
        resource: pods,
        keys: ({ type, object }) => {
          const pod = object as Pod;
          if (type === 'DELETED' || pod.spec.nodeName === undefined) return [];
          const node = nodeOf(pod);
          return node === undefined || isOutOfService(node) ? [keyOf(pod)] : [];
        },
      },
    ],
    async reconcile(key) {
      const { namespace, name } = splitKey(key);
      const pod = cluster.get(pods, namespace, name) as Pod | undefined;
      const { nodeName } = pod?.spec ?? {};
      if (pod === undefined || nodeName === undefined) return undefined;
      const node = nodeOf(pod);
      if (node !== undefined) {
        missed.delete(nodeName);
        if (pod.metadata.deletionTimestamp !== undefined && isOutOfService(node)) await fail(pod, false);
        return undefined;
      }
      const now = cluster.clock.now();
      const since = missed.get(nodeName) ?? now;
      missed.set(nodeName, since);
      if (now < since + QUARANTINE_MS) return since + QUARANTINE_MS - now;
      await fail(pod, true);
      return undefined;
    },
  };
}

const isOutOfService = ({ spec, status }: Node): boolean =>
  (spec?.taints ?? []).some(({ key }) => key === OUT_OF_SERVICE) &&
  status?.conditions?.find(({ type }) => type === 'Ready')?.status !== 'True';
