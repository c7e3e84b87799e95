import type { ControllerRevision, Pod, StatefulSet, StatefulSetStatus } from '../../model/generated/objects.ts';
import type { Cluster } from '../../store/cluster.ts';
import { claim, watchClaimed } from '../claim.ts';
import { type Controller, splitKey, watchControlled, watchOwn } from '../controller.ts';
import type { EventRecorder } from '../events.ts';
import { controllerReference } from '../ownership.ts';
import { isReady, soonest, untilAvailable } from '../pods.ts';
import { keepRevisions, templateOf, trimRevisions } from '../revisions.ts';
import { writeStatus, WRITING } from '../status.ts';
import { planOf, type Step } from './plan.ts';
import { claimsOf, ordinalOf, REVISION_LABEL, statefulPod } from './pods.ts';

const component = 'statefulset-controller';
const HASH_LABEL = 'controller.kubernetes.io/hash';

/** pkg/controller/statefulset: pods with names of their own, made and removed in order. */
export function statefulSetController(cluster: Cluster, record: EventRecorder): Controller {
  const sets = cluster.resource('statefulsets', 'apps');
  const revisionRow = cluster.resource('controllerrevisions', 'apps');
  const pods = cluster.resource('pods');
  const claims = cluster.resource('persistentvolumeclaims');

  /** stateful_pod_control.go recordPodEvent and recordClaimEvent; `what` is `Pod web-0` or `Claim data-web-0 Pod web-0`. */
  async function tell(set: StatefulSet, verb: 'create' | 'delete', what: string, error?: unknown): Promise<void> {
    const failed = error !== undefined;
    const reason = `${failed ? 'Failed' : 'Successful'}${verb === 'create' ? 'Create' : 'Delete'}`;
    const success = what.startsWith('Claim') ? 'success' : 'successful';
    const outcome = failed ? `failed error: ${messageOf(error)}` : success;
    const message = `${verb} ${what} in StatefulSet ${set.metadata.name} ${outcome}`;
    await record({ about: set, type: failed ? 'Warning' : 'Normal', reason, message, component });
  }

  async function makeClaims(set: StatefulSet, ordinal: number, podName: string): Promise<void> {
    const mayGo = set.spec.persistentVolumeClaimRetentionPolicy?.whenDeleted === 'Delete';
    for (const wanted of claimsOf(set, ordinal)) {
      const { namespace = '', name } = wanted.metadata;
      if (cluster.get(claims, namespace, name) !== undefined) continue;
      if (mayGo) wanted.metadata.ownerReferences = [controllerReference(set)];
      await cluster.create(claims, wanted, WRITING);
      await tell(set, 'create', `Claim ${name} Pod ${podName}`);
    }
  }

  async function create(set: StatefulSet, ordinal: number, revision: ControllerRevision): Promise<void> {
    const pod = statefulPod(set, templateOf(revision), revision.metadata.name, ordinal);
    try {
      await makeClaims(set, ordinal, pod.metadata.name);
      await cluster.create(pods, pod, WRITING);
    } catch (error) {
      await tell(set, 'create', `Pod ${pod.metadata.name}`, error);
      throw error;
    }
    await tell(set, 'create', `Pod ${pod.metadata.name}`);
  }

  async function remove(set: StatefulSet, pod: Pod): Promise<void> {
    const { namespace = '', name, uid = '' } = pod.metadata;
    await cluster.delete(pods, namespace, name, { uid });
    await tell(set, 'delete', `Pod ${name}`);
    if (set.spec.persistentVolumeClaimRetentionPolicy?.whenScaled !== 'Delete') return;
    if (ordinalOf(set, pod) < (set.spec.ordinals?.start ?? 0) + (set.spec.replicas ?? 1)) return;
    for (const { metadata } of claimsOf(set, ordinalOf(set, pod)))
      await cluster.delete(claims, namespace, metadata.name);
  }

  async function take(set: StatefulSet, step: Step, revisions: Record<'current' | 'update', ControllerRevision>) {
    switch (step.does) {
      case 'create':
        return create(set, step.ordinal, revisions[step.of]);
      case 'delete':
        return remove(set, step.pod);
      case 'recreate': {
        const { namespace = '', name } = step.pod.metadata;
        const failed = step.pod.status.phase === 'Failed';
        const message = `StatefulSet ${namespace}/${set.metadata.name} is recreating ${failed ? 'failed' : 'terminated'} Pod ${name}`;
        const reason = failed ? 'RecreatingFailedPod' : 'RecreatingTerminatedPod';
        await record({ about: set, type: failed ? 'Warning' : 'Normal', reason, message, component });
        return remove(set, step.pod);
      }
    }
  }

  return {
    name: component,
    watches: [watchOwn(sets), watchClaimed(cluster, pods, sets), watchControlled(revisionRow, 'StatefulSet')],
    async reconcile(key) {
      const { namespace, name } = splitKey(key);
      const set = cluster.get(sets, namespace, name) as StatefulSet | undefined;
      if (set === undefined || set.metadata.deletionTimestamp !== undefined) return undefined;
      const { all, wanted } = await keepRevisions(cluster, set, HASH_LABEL);
      const current = all.find(({ metadata }) => metadata.name === set.status?.currentRevision) ?? wanted;
      const untilReady = (pod: Pod): number => untilAvailable(pod, set.spec.minReadySeconds ?? 0, cluster.clock.now());
      const owned = (): Promise<Pod[]> => claim<Pod>(cluster, pods, set);

      let failure: unknown;
      const steps = planOf({
        set,
        pods: await owned(),
        updateRevision: wanted.metadata.name,
        isAvailable: (pod) => untilReady(pod) === 0,
      });
      for (const step of steps) {
        await take(set, step, { current, update: wanted }).catch((error: unknown) => (failure = error));
      }
      const now = await owned();
      const waits = now.map(untilReady);
      await writeStatus(cluster, sets, set, statusOf(set, now, waits, { current, update: wanted }));
      const live = new Set([current.metadata.name, wanted.metadata.name, ...now.map(revisionOf)]);
      await trimRevisions(cluster, set, all, ({ metadata }) => live.has(metadata.name));
      if (failure !== undefined) throw failure;
      return soonest(waits);
    },
  };
}

const revisionOf = ({ metadata }: Pod): string => metadata.labels?.[REVISION_LABEL] ?? '';

/** stateful_set_control.go updateStatefulSet and completeRollingUpdate. */
function statusOf(
  set: StatefulSet,
  pods: readonly Pod[],
  waits: readonly number[],
  { current, update }: Record<'current' | 'update', ControllerRevision>,
): StatefulSetStatus {
  const of = ({ metadata }: ControllerRevision): number =>
    pods.filter((pod) => pod.metadata.deletionTimestamp === undefined && revisionOf(pod) === metadata.name).length;
  const ready = pods.filter(isReady).length;
  const updated = of(update);
  const isRolling = set.spec.updateStrategy?.type !== 'OnDelete';
  const complete =
    isRolling && updated === pods.length && ready === pods.length && pods.length === (set.spec.replicas ?? 1);
  return {
    observedGeneration: set.metadata.generation ?? 0,
    replicas: pods.length,
    readyReplicas: ready,
    availableReplicas: waits.filter((wait) => wait === 0).length,
    currentReplicas: complete ? updated : of(current),
    updatedReplicas: updated,
    currentRevision: (complete ? update : current).metadata.name,
    updateRevision: update.metadata.name,
    collisionCount: set.status?.collisionCount ?? 0,
  };
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : 'unknown');
