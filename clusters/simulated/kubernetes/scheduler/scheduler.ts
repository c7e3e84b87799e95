import { timestamp } from '../../clock.ts';
import { type Controller, keyOf, splitKey, type Watch } from '../controllers/controller.ts';
import type { EventFacts, EventRecorder } from '../controllers/events.ts';
import type { Node, Pod, PodCondition, PodDisruptionBudget } from '../model/generated/objects.ts';
import type { KubeObject } from '../object.ts';
import type { Cluster, StoreEvent } from '../store/cluster.ts';
import { type Candidate, disruption } from './preemption.ts';
import { schedule } from './scheduling-cycle.ts';
import { siblingsOf } from './siblings.ts';
import { priorityOf, snapshotOf } from './snapshot.ts';
import { claimNames, planVolumes } from './volume-binding.ts';
import { bindVolumes } from './volume-writes.ts';

const DEFAULT_PROFILE = 'default-scheduler';
const profileOf = ({ spec }: Pod): string => spec.schedulerName ?? DEFAULT_PROFILE;
/** A pod that nothing has happened for is tried again (backend/queue DefaultPodMaxInUnschedulablePodsDuration). */
const TRY_AGAIN_MS = 300_000;
/** VolumeBindingArgs.bindTimeoutSeconds */
const VOLUMES_MS = 600_000;

/** kube-scheduler for the pods that ask for one of its profiles. What it decides is in scheduling-cycle.ts; here it is told and written. */
export function scheduler(
  cluster: Cluster,
  record: EventRecorder,
  profiles: readonly string[] = [DEFAULT_PROFILE],
): Controller {
  /** Waits for a node, and for this scheduler to find it. */
  const isOurs = (pod: Pod): boolean => isToPlace(pod) && profiles.includes(profileOf(pod));
  const pods = cluster.resource('pods');
  const budgets = cluster.resource('poddisruptionbudgets', 'policy');
  /** Pods with a node whose volumes are still to be bound: they hold their room meanwhile. Times in milliseconds since 1970. */
  const assumed = new Map<string, { readonly node: string; readonly until: number }>();

  /** The pods that wait, the most important first (plugins/queuesort). */
  const pending = (which: (pod: Pod) => boolean = () => true): string[] =>
    (cluster.list(pods) as readonly Pod[])
      .filter((pod) => isOurs(pod) && which(pod))
      .sort((a, b) => priorityOf(b) - priorityOf(a))
      .map(keyOf);

  /** Under the name of the profile of the pod that it is about, or for whom it happens. */
  const tell = (pod: Pod, facts: Omit<EventFacts, 'component'>): Promise<void> =>
    record({ ...facts, component: profileOf(pod) });

  async function bind(pod: Pod, node: string): Promise<void> {
    assumed.delete(pod.metadata.uid ?? '');
    const key = { namespace: pod.metadata.namespace ?? '', name: pod.metadata.name };
    const now = timestamp(cluster.clock);
    await cluster.modify(
      pods,
      key,
      (draft) => {
        const { metadata, spec, status } = draft as Pod;
        if (spec.nodeName !== undefined) return false;
        spec.nodeName = node;
        delete status.nominatedNodeName;
        const observedGeneration = metadata.generation ?? 0;
        status.conditions = inPlace(
          status.conditions,
          { type: 'PodScheduled', status: 'True', observedGeneration },
          now,
        );
        return true;
      },
      { subresource: 'binding' },
    );
    const message = `Successfully assigned ${key.namespace}/${key.name} to ${node}`;
    await tell(pod, { about: pod, type: 'Normal', reason: 'Scheduled', message });
  }

  /** schedule_one.go handleSchedulingFailure. `nominate` undefined leaves the nominated node as it is. */
  async function refuse(
    pod: Pod,
    reason: 'Unschedulable' | 'SchedulerError',
    message: string,
    nominate?: string,
  ): Promise<void> {
    await tell(pod, { about: pod, type: 'Warning', reason: 'FailedScheduling', message });
    await setStatus(pod, { type: 'PodScheduled', status: 'False', reason, message }, nominate);
  }

  async function setStatus(pod: Pod, condition: PodCondition | undefined, nominate?: string): Promise<void> {
    const now = timestamp(cluster.clock);
    const { namespace = '', name } = pod.metadata;
    await cluster.modify(
      pods,
      { namespace, name },
      (draft) => {
        const { metadata, status } = draft as Pod;
        const promised = nominate ?? status.nominatedNodeName ?? '';
        const before = status.conditions?.find(({ type }) => type === condition?.type);
        const isSame = before?.reason === condition?.reason && before?.message === condition?.message;
        if (isSame && promised === (status.nominatedNodeName ?? '')) return false;
        if (condition !== undefined) {
          const observedGeneration = metadata.generation ?? 0;
          status.conditions = inPlace(status.conditions, { ...condition, observedGeneration }, now);
        }
        if (promised === '') delete status.nominatedNodeName;
        else status.nominatedNodeName = promised;
        return true;
      },
      { subresource: 'status' },
    );
  }

  /** framework/preemption/executor.go prepareCandidate: the victims go, and who was promised their place for less has to look anew. */
  async function makeRoom(pod: Pod, { node, victims }: Candidate): Promise<void> {
    for (const victim of victims) {
      await setStatus(victim, disruption(profileOf(pod)));
      const { namespace = '', name, uid = '' } = victim.metadata;
      await cluster.delete(pods, namespace, name, { uid });
      const message = `Preempted by pod ${pod.metadata.uid} on node ${node}`;
      await tell(pod, { about: victim, type: 'Normal', reason: 'Preempted', message });
    }
    const lesser = (snapshotOf(cluster, []).nominated.get(node) ?? []).filter(
      (other) => priorityOf(other) < priorityOf(pod),
    );
    for (const other of lesser) await setStatus(other, undefined, '');
  }

  /** Binds what the pod's volumes still want, and the pod once nothing is left to wait for. */
  async function bindWithVolumes(pod: Pod, node: string): Promise<number | undefined> {
    const { nodes, volumes } = snapshotOf(cluster, []);
    const info = nodes.find((one) => one.node.metadata.name === node);
    const plan = info === undefined ? undefined : planVolumes(pod, info.node, volumes);
    const uid = pod.metadata.uid ?? '';
    if (plan === undefined || 'reasons' in plan) {
      assumed.delete(uid);
      return 0;
    }
    if (plan.bind.length + plan.provision.length === 0) {
      await bind(pod, node);
      return undefined;
    }
    const { until } = assumed.get(uid) ?? { until: cluster.clock.now() + VOLUMES_MS };
    const left = until - cluster.clock.now();
    if (left > 0) {
      assumed.set(uid, { node, until });
      await bindVolumes(cluster, plan, node);
      return left;
    }
    assumed.delete(uid);
    await refuse(
      pod,
      'SchedulerError',
      'running PreBind plugin "VolumeBinding": binding volumes: context deadline exceeded',
    );
    return TRY_AGAIN_MS;
  }

  /** Which pods may find a place because of what happened to this one. */
  function concerned({ type, object, old }: StoreEvent): string[] {
    const pod = object as Pod;
    const before = old as Pod | undefined;
    if (type === 'DELETED') {
      assumed.delete(pod.metadata.uid ?? '');
      return pending();
    }
    if (isOurs(pod)) return before === undefined || !isOurs(before) || isAnother(pod, before) ? [keyOf(pod)] : [];
    if (hasEnded(pod) && before !== undefined && !hasEnded(before)) return pending();
    // A pod that arrives may be the one that others want to be near.
    return before?.spec.nodeName === undefined || isAnother(pod, before) ? pending(looksAtOthers) : [];
  }

  const withClaims: Watch['keys'] = ({ object: { metadata } }) =>
    pending(
      (pod) =>
        claimNames(pod).length > 0 &&
        (metadata.namespace === undefined || metadata.namespace === pod.metadata.namespace),
    );

  return {
    name: 'scheduler',
    watches: [
      { resource: pods, keys: concerned },
      {
        resource: cluster.resource('nodes'),
        keys: ({ object, old }) => (old !== undefined && isSameRoom(object as Node, old as Node) ? [] : pending()),
      },
      { resource: cluster.resource('persistentvolumeclaims'), keys: withClaims },
      { resource: cluster.resource('persistentvolumes'), keys: withClaims },
      { resource: cluster.resource('storageclasses', 'storage.k8s.io'), keys: withClaims },
    ],
    async reconcile(key) {
      const { namespace, name } = splitKey(key);
      const pod = cluster.get(pods, namespace, name) as Pod | undefined;
      if (pod === undefined || !isOurs(pod)) return undefined;
      const known = assumed.get(pod.metadata.uid ?? '');
      if (known !== undefined) return bindWithVolumes(pod, known.node);
      const circumstances = {
        budgets: cluster.list(budgets) as readonly PodDisruptionBudget[],
        siblings: siblingsOf(cluster, pod),
      };
      const outcome = schedule(pod, snapshotOf(cluster, assumed), circumstances);
      if (outcome.is === 'node') return bindWithVolumes(pod, outcome.node);
      const { nominate, message } = outcome;
      const promised = nominate === 'none' ? '' : nominate?.node;
      await refuse(pod, 'Unschedulable', message, promised);
      if (typeof nominate === 'object') await makeRoom(pod, nominate);
      return TRY_AGAIN_MS;
    },
  };
}

const isToPlace = (pod: Pod): boolean =>
  pod.spec.nodeName === undefined &&
  pod.metadata.deletionTimestamp === undefined &&
  (pod.spec.schedulingGates ?? []).length === 0 &&
  !hasEnded(pod);

const hasEnded = ({ status }: Pod): boolean => status?.phase === 'Failed' || status?.phase === 'Succeeded';

/** Whether the change is one that a scheduler looks at; a new status is none (backend/queue isPodUpdated). */
const isAnother = (a: KubeObject, b: KubeObject): boolean =>
  a.metadata.generation !== b.metadata.generation ||
  JSON.stringify(a.metadata.labels) !== JSON.stringify(b.metadata.labels);

const looksAtOthers = ({ spec }: Pod): boolean =>
  spec.affinity?.podAffinity !== undefined || spec.topologySpreadConstraints !== undefined;

/** A heartbeat makes no room for anybody (scheduler/eventhandlers.go NodeSchedulingPropertiesChange). */
const isSameRoom = (a: Node, b: Node): boolean =>
  JSON.stringify([a.metadata.labels, a.spec, a.status?.allocatable]) ===
  JSON.stringify([b.metadata.labels, b.spec, b.status?.allocatable]);

/** The list with the condition at its place; its time moves with its status alone (podutil.UpdatePodCondition). */
function inPlace(
  conditions: readonly PodCondition[] | undefined,
  condition: PodCondition,
  now: string,
): PodCondition[] {
  const before = conditions?.find(({ type }) => type === condition.type);
  const lastTransitionTime = before?.status === condition.status ? (before.lastTransitionTime ?? now) : now;
  const set = { ...condition, lastTransitionTime };
  if (before === undefined) return [...(conditions ?? []), set];
  return (conditions ?? []).map((each) => (each === before ? set : each));
}
