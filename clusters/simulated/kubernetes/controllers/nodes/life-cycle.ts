import { timestamp } from '../../../clock.ts';
import type { Lease, Node, NodeCondition, Pod, Taint } from '../../model/generated/objects.ts';
import type { Cluster } from '../../store/cluster.ts';
import { withCondition } from '../conditions.ts';
import { type Controller, splitKey, watchOwn } from '../controller.ts';
import type { EventRecorder } from '../events.ts';
import { writeStatus, WRITING } from '../status.ts';

/** `--node-monitor-grace-period`, and `--node-startup-grace-period` for a node that was never heard of. */
const GRACE_MS = 50_000;
const STARTUP_GRACE_MS = 60_000;
const component = 'node-controller';

const UNREACHABLE = 'node.kubernetes.io/unreachable';
const NOT_READY = 'node.kubernetes.io/not-ready';
const UNSCHEDULABLE = 'node.kubernetes.io/unschedulable';
/** Taints by condition (node_lifecycle_controller.go nodeConditionToTaintKeyStatusMap). */
const PRESSURES: Readonly<Record<string, string>> = {
  MemoryPressure: 'node.kubernetes.io/memory-pressure',
  DiskPressure: 'node.kubernetes.io/disk-pressure',
  PIDPressure: 'node.kubernetes.io/pid-pressure',
  NetworkUnavailable: 'node.kubernetes.io/network-unavailable',
};
const OWN = new Set([UNREACHABLE, NOT_READY, UNSCHEDULABLE, ...Object.values(PRESSURES)]);

/** pkg/controller/nodelifecycle: a node whose kubelet is silent for too long becomes Unknown; taints follow conditions. */
export function nodeLifeCycleController(cluster: Cluster, record: EventRecorder): Controller {
  const nodes = cluster.resource('nodes');
  const pods = cluster.resource('pods');
  const leases = cluster.resource('leases', 'coordination.k8s.io');
  /** When this controller last saw a sign of life change: its own time counts, so that its start condemns nobody. */
  const heard = new Map<string, { sign: string; at: number }>();
  const known = new Map<string, Node>();

  function silence(node: Node): { left: number; never: boolean } {
    const { name } = node.metadata;
    const lease = cluster.get(leases, 'kube-node-lease', name) as Lease | undefined;
    const ready = node.status?.conditions?.find(({ type }) => type === 'Ready');
    const isTold = ready !== undefined && ready.status !== 'Unknown';
    const sign = `${lease?.spec.renewTime ?? ''}/${isTold ? ready.lastHeartbeatTime : ''}`;
    const now = cluster.clock.now();
    const last = heard.get(name);
    if (last?.sign !== sign) heard.set(name, { sign, at: now });
    const never = ready === undefined && lease?.spec.renewTime === undefined;
    const grace = never ? STARTUP_GRACE_MS : GRACE_MS;
    return { left: (last?.sign === sign ? last.at : now) + grace - now, never };
  }

  /** component-helpers/node/util RecordNodeEvent. */
  const tell = (node: Node, reason: string, event: string): Promise<void> => {
    const message = `Node ${node.metadata.name} event: ${event}`;
    return record({ about: node, type: 'Normal', reason, message, component });
  };

  async function setUnknown(node: Node, never: boolean): Promise<void> {
    const now = timestamp(cluster.clock);
    const reason = never ? 'NodeStatusNeverUpdated' : 'NodeStatusUnknown';
    const message = never ? 'Kubelet never posted node status.' : 'Kubelet stopped posting node status.';
    const types = ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure'];
    const conditions = types.reduce<NodeCondition[]>(
      (all, type) => withCondition(all, { type, status: 'Unknown', reason, message }, now),
      [...(node.status?.conditions ?? [])],
    );
    await writeStatus(cluster, nodes, node, { ...node.status, conditions });
    const told = `Node ${node.metadata.name} status is now: NodeNotReady`;
    await record({ about: node, type: 'Normal', reason: 'NodeNotReady', message: told, component });
    await markPodsNotReady(node.metadata.name);
  }

  async function markPodsNotReady(name: string): Promise<void> {
    const now = timestamp(cluster.clock);
    for (const pod of cluster.list(pods) as readonly Pod[]) {
      const ready = pod.status.conditions?.find(({ type }) => type === 'Ready');
      if (pod.spec.nodeName !== name || ready?.status !== 'True') continue;
      const conditions = (pod.status.conditions ?? []).map((condition) =>
        condition === ready ? { ...condition, status: 'False', lastTransitionTime: now } : condition,
      );
      await writeStatus(cluster, pods, pod, { ...pod.status, conditions });
      const message = 'Node is not ready';
      await record({ about: pod, type: 'Warning', reason: 'NodeNotReady', message, component });
    }
  }

  async function setTaints(node: Node): Promise<void> {
    const before = node.spec?.taints ?? [];
    const wanted = taintsOf(node);
    const isSame = (a: Taint, b: Taint): boolean => a.key === b.key && a.effect === b.effect;
    const kept = before.filter((taint) => !OWN.has(taint.key) || wanted.some((other) => isSame(other, taint)));
    const added = wanted.filter((taint) => !before.some((other) => isSame(other, taint)));
    if (kept.length === before.length && added.length === 0) return;
    const timeAdded = timestamp(cluster.clock);
    const taints = [...kept, ...added.map((taint) => ({ ...taint, timeAdded }))];
    await cluster.modify(
      nodes,
      { namespace: '', name: node.metadata.name },
      (draft) => {
        const { spec } = draft as Node;
        if (taints.length > 0) spec.taints = taints;
        else delete spec.taints;
      },
      WRITING,
    );
  }

  return {
    name: 'node-lifecycle-controller',
    watches: [watchOwn(nodes)],
    async reconcile(key) {
      const { name } = splitKey(key);
      const node = cluster.get(nodes, '', name) as Node | undefined;
      const registered = known.get(name);
      if (node === undefined) {
        heard.delete(name);
        known.delete(name);
        if (registered !== undefined) await tell(registered, 'RemovingNode', `Removing Node ${name} from Controller`);
        return undefined;
      }
      known.set(name, node);
      if (registered === undefined) await tell(node, 'RegisteredNode', `Registered Node ${name} in Controller`);
      if (node.metadata.deletionTimestamp !== undefined) return undefined;
      await setTaints(node);
      const { left, never } = silence(node);
      if (left > 0) return left;
      const ready = node.status?.conditions?.find(({ type }) => type === 'Ready');
      if (ready?.status !== 'Unknown') await setUnknown(node, never);
      return GRACE_MS;
    },
  };
}

/** The taints that a node's conditions and its `unschedulable` call for. */
function taintsOf({ spec, status }: Node): Taint[] {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  const silent = ready?.status === 'Unknown' ? UNREACHABLE : ready?.status === 'True' ? undefined : NOT_READY;
  const pressures = (status?.conditions ?? [])
    .filter(({ status }) => status === 'True')
    .map(({ type }) => PRESSURES[type]);
  // A node that nobody reports on carries no NoExecute taint until its start-up grace is over.
  const evicts = ready === undefined ? undefined : silent;
  return [
    ...(spec?.unschedulable === true ? [{ key: UNSCHEDULABLE, effect: 'NoSchedule' }] : []),
    ...(silent === undefined ? [] : [{ key: silent, effect: 'NoSchedule' }]),
    ...(evicts === undefined ? [] : [{ key: evicts, effect: 'NoExecute' }]),
    ...pressures.flatMap((key) => (key === undefined ? [] : [{ key, effect: 'NoSchedule' }])),
  ];
}
