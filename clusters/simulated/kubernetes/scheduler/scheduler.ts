import { timestamp } from '../../clock.ts';
import { type Controller, keyOf, splitKey } from '../controllers/controller.ts';
import { withCondition } from '../controllers/conditions.ts';
import type { EventRecorder } from '../controllers/events.ts';
import type { Node, Pod } from '../model/generated/objects.ts';
import type { Cluster } from '../store/cluster.ts';
import { claimProblem } from './claims.ts';
import { isMatterOfRoom, whyNot } from './filters.ts';

/** kube-scheduler's default profile: filters, then the node with the fewest pods. */
export function scheduler(cluster: Cluster, record: EventRecorder): Controller {
  const pods = cluster.resource('pods');
  const nodes = cluster.resource('nodes');
  const claims = cluster.resource('persistentvolumeclaims');
  const component = 'default-scheduler';

  const pending = (): string[] => (cluster.list(pods) as Pod[]).filter(isOurs).map(keyOf);

  async function bind(pod: Pod, node: string): Promise<void> {
    const now = timestamp(cluster.clock);
    const key = { namespace: pod.metadata.namespace ?? '', name: pod.metadata.name };
    const observedGeneration = pod.metadata.generation ?? 0;
    const scheduled = { type: 'PodScheduled', status: 'True', observedGeneration };
    await cluster.modify(
      pods,
      key,
      (draft) => {
        const { spec, status } = draft as Pod;
        if (spec.nodeName !== undefined) return false;
        spec.nodeName = node;
        status.conditions = withCondition(status.conditions, scheduled, now);
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
    const condition = { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message };
    await cluster.modify(
      pods,
      key,
      (draft) => {
        const { status } = draft as Pod;
        const before = status.conditions?.find(({ type }) => type === 'PodScheduled');
        if (before?.reason === condition.reason && before.message === message) return false;
        const others = (status.conditions ?? []).filter((each) => each !== before);
        const observedGeneration = draft.metadata.generation ?? 0;
        const lastTransitionTime = before?.lastTransitionTime ?? now;
        status.conditions = [...others, { ...condition, observedGeneration, lastTransitionTime }];
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
      {
        resource: nodes,
        keys: ({ object, old }) => (old !== undefined && isSameRoom(object as Node, old as Node) ? [] : pending()),
      },
      { resource: claims, keys: pending },
    ],
    async reconcile(key) {
      const { namespace, name } = splitKey(key);
      const pod = cluster.get(pods, namespace, name) as Pod | undefined;
      if (pod === undefined || !isOurs(pod)) return undefined;
      const all = cluster.list(nodes) as Node[];
      if (all.length === 0) return refuse(pod, 'no nodes available to schedule pods');
      const everyPod = cluster.list(pods) as Pod[];
      const on = (node: Node): Pod[] => everyPod.filter(({ spec }) => spec.nodeName === node.metadata.name);
      const problem = claimProblem(cluster, pod);
      if (problem !== undefined) return refuse(pod, refusal(all.length, problem, 0));
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
      const counted = [...reasons].map(([reason, count]) => `${count} ${reason}`).sort();
      const mayYield = [...reasons]
        .filter(([reason]) => isMatterOfRoom(reason))
        .reduce((sum, [, count]) => sum + count, 0);
      return refuse(pod, refusal(all.length, counted.join(', '), mayYield));
    },
  };
}

/**
 * The event's text (scheduler/framework/types.go FitError.Error, with what the plugins of the PostFilter add). `mayYield` nodes
 * lack room alone, so that there other pods could have made way.
 */
function refusal(nodes: number, why: string, mayYield: number): string {
  const outcomes = [
    ...(mayYield === 0 ? [] : [`${mayYield} No preemption victims found for incoming pod`]),
    ...(mayYield === nodes ? [] : [`${nodes - mayYield} Preemption is not helpful for scheduling`]),
  ];
  const none = `0/${nodes} nodes are available: `;
  return `${none}${why}. no new claims to deallocate, preemption: ${none}${outcomes.join(', ')}.`;
}

/** Waits for a node, and for this scheduler to find it. */
const isOurs = ({ metadata, spec, status }: Pod): boolean =>
  spec.nodeName === undefined &&
  metadata.deletionTimestamp === undefined &&
  (spec.schedulerName ?? 'default-scheduler') === 'default-scheduler' &&
  (spec.schedulingGates ?? []).length === 0 &&
  status?.phase !== 'Failed' &&
  status?.phase !== 'Succeeded';

/** A heartbeat makes no room for anybody (scheduler/eventhandlers.go NodeSchedulingPropertiesChange). */
const isSameRoom = (a: Node, b: Node): boolean =>
  JSON.stringify([a.metadata.labels, a.spec, a.status?.allocatable]) ===
  JSON.stringify([b.metadata.labels, b.spec, b.status?.allocatable]);
