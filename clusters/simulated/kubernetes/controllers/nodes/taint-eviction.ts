import { timestamp } from '../../../clock.ts';
import type { Node, Pod } from '../../model/generated/objects.ts';
import { tolerates } from '../../scheduler/taints.ts';
import type { Cluster } from '../../store/cluster.ts';
import { withCondition } from '../conditions.ts';
import { type Controller, keyOf, splitKey } from '../controller.ts';
import type { EventRecorder } from '../events.ts';
import { writeStatus } from '../status.ts';

const component = 'taint-eviction-controller';
const EVICTED = {
  type: 'DisruptionTarget',
  status: 'True',
  reason: 'DeletionByTaintManager',
  message: 'Taint manager: deleting due to NoExecute taint',
};

/** pkg/controller/tainteviction: pods leave a node that is tainted NoExecute, at once or when their toleration ends. */
export function taintEvictionController(cluster: Cluster, record: EventRecorder): Controller {
  const pods = cluster.resource('pods');
  const nodes = cluster.resource('nodes');

  /** Keys of pods whose time is running. */
  const condemned = new Set<string>();

  const tell = (pod: Pod, what: string): Promise<void> =>
    record({
      about: pod,
      type: 'Normal',
      reason: 'TaintManagerEviction',
      message: `${what} Pod ${keyOf(pod)}`,
      component,
    });

  /** Milliseconds the pod may stay; Infinity when it tolerates the taints for ever. */
  function mayStay({ spec, metadata }: Pod, node: Node): number {
    const taints = (node.spec?.taints ?? []).filter(({ effect }) => effect === 'NoExecute');
    let left = Infinity;
    for (const taint of taints) {
      const tolerating = (spec.tolerations ?? []).filter((toleration) => tolerates([toleration], taint));
      if (tolerating.length === 0) return 0;
      const seconds = Math.min(...tolerating.map(({ tolerationSeconds = Infinity }) => Math.max(0, tolerationSeconds)));
      const since = Math.max(Date.parse(taint.timeAdded ?? '') || 0, Date.parse(metadata.creationTimestamp ?? '') || 0);
      left = Math.min(left, since + seconds * 1000 - cluster.clock.now());
    }
    return left;
  }

  return {
    name: component,
    watches: [
      { resource: pods, keys: ({ type, object, old }) => (type === 'DELETED' || isPlaced(old) ? [] : [keyOf(object)]) },
      {
        resource: nodes,
        keys: ({ object, old }) =>
          hasNoExecute(object as Node) || hasNoExecute(old as Node | undefined)
            ? (cluster.list(pods) as readonly Pod[])
                .filter(({ spec }) => spec.nodeName === object.metadata.name)
                .map(keyOf)
            : [],
      },
    ],
    async reconcile(key) {
      const { namespace, name } = splitKey(key);
      const pod = cluster.get(pods, namespace, name) as Pod | undefined;
      if (pod?.spec.nodeName === undefined || pod.metadata.deletionTimestamp !== undefined) {
        condemned.delete(key);
        return undefined;
      }
      const node = cluster.get(nodes, '', pod.spec.nodeName) as Node | undefined;
      const left = node === undefined ? Infinity : mayStay(pod, node);
      if (left === Infinity) {
        if (condemned.delete(key)) await tell(pod, 'Cancelling deletion of');
        return undefined;
      }
      if (left > 0) {
        condemned.add(key);
        return left;
      }
      condemned.delete(key);
      await tell(pod, 'Marking for deletion');
      const conditions = withCondition(pod.status.conditions, EVICTED, timestamp(cluster.clock));
      await writeStatus(cluster, pods, pod, { ...pod.status, conditions });
      await cluster.delete(pods, namespace, name, { uid: pod.metadata.uid ?? '' });
      return undefined;
    },
  };
}

const isPlaced = (pod: unknown): boolean => (pod as Pod | undefined)?.spec.nodeName !== undefined;

const hasNoExecute = (node: Node | undefined): boolean =>
  (node?.spec?.taints ?? []).some(({ effect }) => effect === 'NoExecute');
