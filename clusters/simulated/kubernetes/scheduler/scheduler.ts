import { timestamp } from '../clock.ts';
import { type Controller, keyOf, splitKey } from '../controllers/controller.ts';
import { withCondition } from '../controllers/conditions.ts';
import type { EventRecorder } from '../controllers/events.ts';
import type { Node, Pod } from '../model/generated/objects.ts';
import type { Cluster } from '../store/cluster.ts';
import { whyNot } from './filters.ts';

/** kube-scheduler's default profile: filters, then the node with the fewest pods. */
export function scheduler(cluster: Cluster, record: EventRecorder): Controller {
  const pods = cluster.resource('pods');
  const nodes = cluster.resource('nodes');
  const component = 'default-scheduler';

  const pending = (): string[] => (cluster.list(pods) as Pod[]).filter(isOurs).map(keyOf);

  async function bind(pod: Pod, node: string): Promise<void> {
    const now = timestamp(cluster.clock);
    const key = { namespace: pod.metadata.namespace ?? '', name: pod.metadata.name };
    const scheduled = { type: 'PodScheduled', status: 'True', lastProbeTime: null };
    await cluster.modify(
      pods,
      key,
      (draft) => {
        const { spec, status } = draft as Pod;
        if (spec.nodeName !== undefined) return false;
        spec.nodeName = node;
        status.conditions = withCondition(status.conditions, scheduled as never, now);
        return true;
      },
      { subresource: 'binding' },
    );
    const message = `Successfully assigned ${key.namespace}/${key.name} to ${node}`;
    await record({ about: pod, type: 'Normal', reason: 'Scheduled', message, component });
  }

  async function refuse(pod: Pod, message: string): Promise<void> {
    const now = timestamp(cluster.clock);
    const key = { namespace: pod.metadata.namespace ?? '', name: pod.metadata.name };
    const condition = { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message, lastProbeTime: null };
    await cluster.modify(
      pods,
      key,
      (draft) => {
        const { status } = draft as Pod;
        const before = status.conditions?.find(({ type }) => type === 'PodScheduled');
        if (before?.reason === condition.reason && before.message === message) return false;
        status.conditions = [
          ...(status.conditions ?? []).filter(({ type }) => type !== 'PodScheduled'),
          { ...condition, lastTransitionTime: before?.lastTransitionTime ?? now } as never,
        ];
        return true;
      },
      { subresource: 'status' },
    );
    await record({ about: pod, type: 'Warning', reason: 'FailedScheduling', message, component });
  }

  return {
    name: 'scheduler',
    watches: [
      {
        resource: pods,
        keys: ({ object, type }) => (type === 'DELETED' ? pending() : isOurs(object as Pod) ? [keyOf(object)] : []),
      },
      { resource: nodes, keys: pending },
    ],
    async reconcile(key) {
      const { namespace, name } = splitKey(key);
      const pod = cluster.get(pods, namespace, name) as Pod | undefined;
      if (pod === undefined || !isOurs(pod)) return undefined;
      const all = cluster.list(nodes) as Node[];
      if (all.length === 0) return refuse(pod, 'no nodes available to schedule pods');
      const everyPod = cluster.list(pods) as Pod[];
      const on = (node: Node): Pod[] => everyPod.filter(({ spec }) => spec.nodeName === node.metadata.name);
      const reasons = new Map<string, number>();
      const fitting: { node: Node; pods: number }[] = [];
      for (const node of all) {
        const reason = whyNot(pod, node, on(node));
        if (reason === undefined) fitting.push({ node, pods: on(node).length });
        else reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
      }
      const best = fitting.sort(
        (a, b) => a.pods - b.pods || a.node.metadata.name.localeCompare(b.node.metadata.name),
      )[0];
      if (best !== undefined) return bind(pod, best.node.metadata.name);
      const counted = [...reasons]
        .map(([reason, count]) => `${count} ${reason}`)
        .sort()
        .join(', ');
      const preemption = `0/${all.length} nodes are available: ${all.length} Preemption is not helpful for scheduling.`;
      return refuse(pod, `0/${all.length} nodes are available: ${counted}. preemption: ${preemption}`);
    },
  };
}

/** Waits for a node, and for this scheduler to find it. */
const isOurs = ({ metadata, spec, status }: Pod): boolean =>
  spec.nodeName === undefined &&
  metadata.deletionTimestamp === undefined &&
  (spec.schedulerName ?? 'default-scheduler') === 'default-scheduler' &&
  (spec.schedulingGates ?? []).length === 0 &&
  status?.phase !== 'Failed' &&
  status?.phase !== 'Succeeded';
