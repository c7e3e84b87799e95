import { timestamp } from '../../clock.ts';
import type { Pod, ReplicaSet, ReplicaSetStatus } from '../model/generated/objects.ts';
import type { Resource } from '../resources/resource.ts';
import type { Cluster } from '../store/cluster.ts';
import { claim, watchClaimed } from './claim.ts';
import { withCondition } from './conditions.ts';
import { type Controller, splitKey, watchOwn } from './controller.ts';
import type { EventRecorder } from './events.ts';
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
    const surplus = inDeletionOrder(active).slice(0, Math.max(0, -missing));
    for (const pod of surplus) await control.delete(set, pod);
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

/** Who goes first: not scheduled, pending, not ready, then the youngest (controller_utils.go ActivePodsWithRanks). */
function inDeletionOrder(pods: readonly Pod[]): Pod[] {
  const rank = (pod: Pod): number =>
    (pod.spec.nodeName === undefined ? 0 : 4) + (pod.status?.phase === 'Pending' ? 0 : 2) + (isReady(pod) ? 1 : 0);
  return [...pods].sort(
    (a, b) =>
      rank(a) - rank(b) ||
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
