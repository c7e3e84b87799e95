import { timestamp } from '../../clock.ts';
import type { Deployment, Pod, PodDisruptionBudget, PodDisruptionBudgetStatus } from '../model/generated/objects.ts';
import { type IntOrString, scaledValue } from '../model/intstr.ts';
import { matchesLabelSelector } from '../model/labels.ts';
import type { KubeObject } from '../object.ts';
import { qualified } from '../status.ts';
import type { Cluster, StoreEvent } from '../store/cluster.ts';
import { type Controller, keyOf, splitKey, watchOwn } from './controller.ts';
import type { EventRecorder } from './events.ts';
import { controllerOf } from './ownership.ts';
import { isReady } from './pods.ts';
import { writeStatus } from './status.ts';

/** When a budget whose pods cannot be counted is tried again; upstream's queue backs off from 5 ms to 1000 s. */
const RETRY_MS = 60_000;
/** How long an eviction may take until its pod counts again (disruption.go DeletionTimeout). */
const EVICTION_MS = 120_000;

/** pkg/controller/disruption: how many pods of a budget are healthy, and how many may go. */
export function disruptionBudgetController(cluster: Cluster, record: EventRecorder): Controller {
  const budgets = cluster.resource('poddisruptionbudgets', 'policy');
  const pods = cluster.resource('pods');
  const component = 'controllermanager';

  const selecting = ({ object, old }: StoreEvent): string[] =>
    (cluster.list(budgets, object.metadata.namespace) as readonly PodDisruptionBudget[])
      .filter((budget) => selects(budget, object) || (old !== undefined && selects(budget, old)))
      .map(keyOf);

  /**
   * The replicas that the pods' controllers want, each controller once; pods without one are left out (getExpectedScale). Throws a
   * `SyncError` for a controller of a pod that has no scale or is gone.
   */
  function wantedByControllers(covered: readonly Pod[]): number {
    const wanted = new Map<string, number>();
    for (const pod of covered) {
      const reference = controllerOf(pod);
      if (reference === undefined || wanted.has(reference.uid)) continue;
      const owner = ownerOf(pod);
      if (owner === undefined) throw new SyncError(`found no controllers for pod "${pod.metadata.name}"`);
      // A ReplicaSet's own size is its Deployment's doing.
      const above = owner.kind === 'ReplicaSet' ? ownerOf(owner) : undefined;
      const scaled = above?.kind === 'Deployment' ? above : owner;
      wanted.set(scaled.metadata.uid ?? '', replicasOf(scaled));
    }
    return [...wanted.values()].reduce((sum, replicas) => sum + replicas, 0);
  }

  function ownerOf(object: KubeObject): KubeObject | undefined {
    const reference = controllerOf(object);
    const row = reference === undefined ? undefined : cluster.resourceOfKind(reference.apiVersion, reference.kind);
    if (reference === undefined || row === undefined) return undefined;
    if (row.subresources.every(({ name }) => name !== 'scale'))
      throw new SyncError(`${qualified(row)} does not implement the scale subresource`);
    const owner = cluster.get(row, object.metadata.namespace ?? '', reference.name);
    return owner?.metadata.uid === reference.uid ? owner : undefined;
  }

  /** Nothing may go while it is not known how many there should be (disruption.go failSafe). */
  async function failSafe(budget: PodDisruptionBudget, why: string): Promise<void> {
    const message = `Failed to calculate the number of expected pods: ${why}`;
    const reason = 'CalculateExpectedPodCountFailed';
    await record({ about: budget, type: 'Warning', reason, message, component });
    const failed = { status: 'False', reason: 'SyncFailed', message: why } as const;
    const conditions = conditionsOf(budget, failed, timestamp(cluster.clock));
    await writeStatus(cluster, budgets, budget, { ...budget.status, disruptionsAllowed: 0, conditions });
  }

  /** disruption.go getExpectedPodCount. */
  function expectations({ spec }: PodDisruptionBudget, covered: readonly Pod[]): { expected: number; desired: number } {
    const { maxUnavailable, minAvailable } = spec as { maxUnavailable?: IntOrString; minAvailable?: IntOrString };
    if (typeof minAvailable === 'number') return { expected: covered.length, desired: minAvailable };
    const expected = wantedByControllers(covered);
    if (minAvailable !== undefined) return { expected, desired: scaledValue(minAvailable, expected, 'up') ?? 0 };
    const mayMiss = scaledValue(maxUnavailable ?? 0, expected, 'up') ?? 0;
    return { expected, desired: Math.max(0, expected - mayMiss) };
  }

  return {
    name: 'disruption',
    watches: [watchOwn(budgets), { resource: pods, keys: selecting }],
    async reconcile(key) {
      const { namespace, name } = splitKey(key);
      const budget = cluster.get(budgets, namespace, name) as PodDisruptionBudget | undefined;
      if (budget === undefined) return undefined;
      const covered = (cluster.list(pods, namespace) as readonly Pod[]).filter(
        (pod) => selects(budget, pod) && pod.status.phase !== 'Succeeded' && pod.status.phase !== 'Failed',
      );
      if (covered.length === 0 && (budget.status.observedGeneration ?? 0) !== budget.metadata.generation) {
        await record({ about: budget, type: 'Normal', reason: 'NoPods', message: 'No matching pods found', component });
      }
      const now = cluster.clock.now();
      const disrupted = Object.entries(budget.status.disruptedPods ?? {}).filter(
        ([pod, at]) =>
          Date.parse(at) + EVICTION_MS > now &&
          covered.some(({ metadata }) => metadata.name === pod && metadata.deletionTimestamp === undefined),
      );
      const isGoing = ({ metadata }: Pod): boolean =>
        metadata.deletionTimestamp !== undefined || disrupted.some(([pod]) => pod === metadata.name);
      const healthy = covered.filter((pod) => isReady(pod) && !isGoing(pod)).length;
      let expectation: ReturnType<typeof expectations>;
      try {
        expectation = expectations(budget, covered);
      } catch (error) {
        if (!(error instanceof SyncError)) throw error;
        await failSafe(budget, error.message);
        return RETRY_MS;
      }
      const { expected, desired } = expectation;
      const allowed = expected <= 0 ? 0 : Math.max(0, healthy - desired);
      const status: PodDisruptionBudgetStatus = {
        observedGeneration: budget.metadata.generation ?? 0,
        ...(disrupted.length === 0 ? {} : { disruptedPods: Object.fromEntries(disrupted) }),
        currentHealthy: healthy,
        desiredHealthy: desired,
        disruptionsAllowed: allowed,
        expectedPods: expected,
        conditions: conditionsOf(
          budget,
          allowed > 0
            ? { status: 'True', reason: 'SufficientPods', message: '' }
            : { status: 'False', reason: 'InsufficientPods', message: '' },
          timestamp(cluster.clock),
        ),
      };
      await writeStatus(cluster, budgets, budget, status);
      return disrupted.length === 0 ? undefined : EVICTION_MS;
    },
  };
}

class SyncError extends Error {
  override readonly name = 'SyncError';
}

const selects = ({ spec }: PodDisruptionBudget, { metadata }: KubeObject): boolean =>
  matchesLabelSelector(spec.selector, metadata.labels ?? {});

const replicasOf = (owner: KubeObject): number => (owner as Deployment).spec.replicas ?? 1;

/** disruption/disruption.go updatePdbStatus and apimachinery's SetStatusCondition. */
function conditionsOf(
  budget: PodDisruptionBudget,
  allowed: { readonly status: 'True' | 'False'; readonly reason: string; readonly message: string },
  now: string,
): NonNullable<PodDisruptionBudgetStatus['conditions']> {
  const before = budget.status.conditions?.find(({ type }) => type === 'DisruptionAllowed');
  const others = (budget.status.conditions ?? []).filter((condition) => condition !== before);
  return [
    ...others,
    {
      type: 'DisruptionAllowed',
      ...allowed,
      observedGeneration: budget.metadata.generation ?? 0,
      lastTransitionTime: before?.status === allowed.status ? (before.lastTransitionTime ?? now) : now,
    },
  ];
}
