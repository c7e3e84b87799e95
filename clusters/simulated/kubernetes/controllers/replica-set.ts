import { timestamp } from '../../clock.ts';
import type { Pod, ReplicaSet, ReplicaSetStatus } from '../model/generated/objects.ts';
import type { Resource } from '../resources/resource.ts';
import type { Cluster } from '../store/cluster.ts';
import { claim, watchClaimed } from './claim.ts';
import { withCondition } from './conditions.ts';
import { type Controller, splitKey, watchOwn } from './controller.ts';
import type { EventRecorder } from './events.ts';
import { controllerOf } from './ownership.ts';
import { podControl } from './pod-control.ts';
import { isActive, isReady, podFrom, soonest, untilAvailable } from './pods.ts';
import { writeStatus } from './status.ts';

/** Pods made or removed in one go (pkg/controller/replicaset BurstReplicas). */
const BURST = 500;

/** pkg/controller/replicaset/replica_set.go; ReplicationControllers are the same loop over another resource. */
export function replicaSetController(cluster: Cluster, record: EventRecorder, resource: Resource): Controller {
  const pods = cluster.resource('pods');
  const component = resource.kind === 'ReplicaSet' ? 'replicaset-controller' : 'replication-controller';
  const control = podControl(cluster, record, component);

  async function scale(set: ReplicaSet, active: readonly Pod[]): Promise<void> {
    const missing = Math.min((set.spec.replicas ?? 1) - active.length, BURST);
    for (let i = 0; i < missing; i++) {
      await control.create(set, podFrom(set.spec.template ?? { spec: { containers: [] } }, set));
    }
    if (missing >= 0) return;
    const surplus = inDeletionOrder(active, crowds(set, active)).slice(0, -missing);
    for (const pod of surplus) await control.delete(set, pod);
  }

  /** How many pods of this set and of those beside it, under the same owner, a node has (getPodsRankedByRelatedPodsOnSameNode). */
  function crowds(set: ReplicaSet, active: readonly Pod[]): ReadonlyMap<string, number> {
    const owner = controllerOf(set)?.uid;
    const related = new Set(
      owner === undefined
        ? [set.metadata.uid]
        : cluster
            .list(resource, set.metadata.namespace)
            .filter((other) => controllerOf(other)?.uid === owner)
            .map(({ metadata }) => metadata.uid),
    );
    const nodes = new Set(active.map(({ spec }) => spec.nodeName));
    const counts = new Map<string, number>();
    for (const pod of cluster.list(pods, set.metadata.namespace) as readonly Pod[]) {
      const { nodeName = '' } = pod.spec;
      if (!nodes.has(nodeName) || !isActive(pod) || !related.has(controllerOf(pod)?.uid)) continue;
      counts.set(nodeName, (counts.get(nodeName) ?? 0) + 1);
    }
    return counts;
  }

  return {
    name: component,
    watches: [watchOwn(resource), watchClaimed(cluster, pods, resource)],
    async reconcile(key) {
      const { namespace, name } = splitKey(key);
      const set = cluster.get(resource, namespace, name) as ReplicaSet | undefined;
      if (set === undefined) return undefined;
      const owned = (await claim<Pod>(cluster, pods, set)).filter(isActive);
      let failure: Error | undefined;
      if (set.metadata.deletionTimestamp === undefined) {
        await scale(set, owned).catch((error: unknown) => {
          failure = error instanceof Error ? error : new Error(String(error));
        });
      }
      const all = await claim<Pod>(cluster, pods, set);
      const current = all.filter(isActive);
      const leaving = all.filter(({ metadata }) => metadata.deletionTimestamp !== undefined).length;
      const now = cluster.clock.now();
      const waits = current.map((pod) => untilAvailable(pod, set.spec.minReadySeconds ?? 0, now));
      const status = statusOf(set, current, waits, failure?.message, timestamp(cluster.clock));
      const terminating = resource.kind === 'ReplicaSet' ? { terminatingReplicas: leaving } : {};
      await writeStatus(cluster, resource, set, { ...status, ...terminating });
      if (failure !== undefined) throw failure;
      return soonest(waits);
    },
  };
}

const DELETION_COST = 'controller.kubernetes.io/pod-deletion-cost';

/**
 * Who goes first: not scheduled, pending, not ready, of the lowest deletion cost, on the most crowded node, ready for the shortest time,
 * restarted the most often, then the youngest (controller_utils.go ActivePodsWithRanks).
 */
function inDeletionOrder(pods: readonly Pod[], crowds: ReadonlyMap<string, number>): Pod[] {
  const rank = (pod: Pod): number =>
    (pod.spec.nodeName === undefined ? 0 : 4) + (pod.status?.phase === 'Pending' ? 0 : 2) + (isReady(pod) ? 1 : 0);
  const cost = ({ metadata }: Pod): number => Number(metadata.annotations?.[DELETION_COST] ?? 0);
  const crowd = ({ spec }: Pod): number => crowds.get(spec.nodeName ?? '') ?? 0;
  const readySince = ({ status }: Pod): string =>
    status?.conditions?.find(({ type }) => type === 'Ready')?.lastTransitionTime ?? '';
  const restarts = ({ status }: Pod): number =>
    Math.max(0, ...(status?.containerStatuses ?? []).map(({ restartCount }) => restartCount));
  return [...pods].sort(
    (a, b) =>
      rank(a) - rank(b) ||
      cost(a) - cost(b) ||
      crowd(b) - crowd(a) ||
      readySince(b).localeCompare(readySince(a)) ||
      restarts(b) - restarts(a) ||
      (b.metadata.creationTimestamp ?? '').localeCompare(a.metadata.creationTimestamp ?? '') ||
      a.metadata.name.localeCompare(b.metadata.name),
  );
}

/** replica_set_utils.go calculateStatus. */
function statusOf(
  set: ReplicaSet,
  pods: readonly Pod[],
  waits: readonly number[],
  failure: string | undefined,
  now: string,
): ReplicaSetStatus {
  const templateLabels = Object.entries(set.spec.template?.metadata?.labels ?? {});
  const isLabelled = ({ metadata }: Pod): boolean =>
    templateLabels.every(([key, value]) => metadata.labels?.[key] === value);
  const failed = { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: failure ?? '' };
  return {
    replicas: pods.length,
    fullyLabeledReplicas: pods.filter(isLabelled).length,
    readyReplicas: pods.filter(isReady).length,
    availableReplicas: waits.filter((wait) => wait === 0).length,
    observedGeneration: set.metadata.generation ?? 0,
    conditions:
      failure === undefined
        ? (set.status?.conditions ?? []).filter(({ type }) => type !== 'ReplicaFailure')
        : withCondition(set.status?.conditions, failed, now),
  };
}
