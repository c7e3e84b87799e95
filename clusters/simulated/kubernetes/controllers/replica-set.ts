import { timestamp } from '../clock.ts';
import type { Pod, ReplicaSet, ReplicaSetStatus } from '../model/generated/objects.ts';
import type { Resource } from '../resources/resource.ts';
import type { Cluster } from '../store/cluster.ts';
import { withCondition } from './conditions.ts';
import { type Controller, splitKey, watchControlled, watchOwn } from './controller.ts';
import type { EventRecorder } from './events.ts';
import { controlledBy } from './ownership.ts';
import { isActive, isReady, podFrom, untilAvailable } from './pods.ts';

/** Pods made or removed in one go (pkg/controller/replicaset BurstReplicas). */
const BURST = 500;

/** pkg/controller/replicaset/replica_set.go; ReplicationControllers are the same loop over another resource. */
export function replicaSetController(cluster: Cluster, record: EventRecorder, resource: Resource): Controller {
  const pods = cluster.resource('pods');
  const component = `${resource.kind.toLowerCase()}-controller`;

  async function scale(set: ReplicaSet, active: readonly Pod[]): Promise<string | undefined> {
    const wanted = set.spec.replicas ?? 1;
    const missing = Math.min(wanted - active.length, BURST);
    for (let i = 0; i < missing; i++) {
      try {
        const pod = await cluster.create(pods, podFrom(set.spec.template ?? { spec: { containers: [] } }, set), {
          fieldManager: 'kube-controller-manager',
        });
        const message = `Created pod: ${pod.metadata.name}`;
        await record({ about: set, type: 'Normal', reason: 'SuccessfulCreate', message, component });
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        await record({
          about: set,
          type: 'Warning',
          reason: 'FailedCreate',
          message: `Error creating: ${why}`,
          component,
        });
        return why;
      }
    }
    for (const pod of inDeletionOrder(active).slice(0, Math.max(0, -missing))) {
      await cluster.delete(pods, pod.metadata.namespace ?? '', pod.metadata.name);
      const message = `Deleted pod: ${pod.metadata.name}`;
      await record({ about: set, type: 'Normal', reason: 'SuccessfulDelete', message, component });
    }
    return undefined;
  }

  return {
    name: component,
    watches: [watchOwn(resource), watchControlled(pods, resource.kind)],
    async reconcile(key) {
      const { namespace, name } = splitKey(key);
      const set = cluster.get(resource, namespace, name) as ReplicaSet | undefined;
      if (set === undefined) return undefined;
      const owned = controlledBy<Pod>(cluster, pods, set).filter(isActive);
      const failure = set.metadata.deletionTimestamp === undefined ? await scale(set, owned) : undefined;
      const now = cluster.clock.now();
      const current = controlledBy<Pod>(cluster, pods, set).filter(isActive);
      const waits = current.map((pod) => untilAvailable(pod, set.spec.minReadySeconds ?? 0, now));
      await writeStatus(cluster, resource, set, current, waits, failure);
      if (failure !== undefined) throw new Error(failure);
      const pending = waits.filter((wait) => wait > 0 && wait !== Infinity);
      return pending.length === 0 ? undefined : Math.min(...pending);
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

async function writeStatus(
  cluster: Cluster,
  resource: Resource,
  set: ReplicaSet,
  pods: readonly Pod[],
  waits: readonly number[],
  failure: string | undefined,
): Promise<void> {
  const now = timestamp(cluster.clock);
  const templateLabels = Object.entries(set.spec.template?.metadata?.labels ?? {});
  const count = (predicate: (pod: Pod) => boolean): number => pods.filter(predicate).length;
  const labelled = count((pod) => templateLabels.every(([key, value]) => pod.metadata.labels?.[key] === value));
  const counts = {
    replicas: pods.length,
    fullyLabeledReplicas: labelled,
    readyReplicas: count(isReady),
    availableReplicas: waits.filter((wait) => wait === 0).length,
    observedGeneration: set.metadata.generation ?? 0,
  };
  const key = { namespace: set.metadata.namespace ?? '', name: set.metadata.name };
  const change = (draft: ReplicaSet): boolean => {
    const others = (draft.status?.conditions ?? []).filter(({ type }) => type !== 'ReplicaFailure');
    const conditions =
      failure === undefined
        ? others
        : withCondition(
            draft.status?.conditions,
            { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: failure },
            now,
          );
    const status: ReplicaSetStatus = { replicas: counts.replicas };
    for (const [name, value] of Object.entries(counts)) if (value !== 0) Object.assign(status, { [name]: value });
    if (conditions.length > 0) status.conditions = conditions;
    if (JSON.stringify(sorted(draft.status)) === JSON.stringify(sorted(status))) return false;
    draft.status = status;
    return true;
  };
  await cluster.modify(resource, key, (draft) => change(draft as ReplicaSet), { subresource: 'status' });
}

const sorted = (object: object | undefined): unknown =>
  Object.entries(object ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
