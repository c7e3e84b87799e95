import { timestamp } from '../../../clock.ts';
import type { Deployment, Pod, ReplicaSet } from '../../model/generated/objects.ts';
import type { Cluster, StoreEvent } from '../../store/cluster.ts';
import { claim, watchClaimed } from '../claim.ts';
import { type Controller, splitKey, watchOwn } from '../controller.ts';
import type { EventRecorder } from '../events.ts';
import { controlledBy, controllerOf } from '../ownership.ts';
import { writeStatus } from '../status.ts';
import { isComplete, pausedConditions, untilDeadline, withRollout } from './progress.ts';
import { isScaled, shareOut } from './proportional-scaling.ts';
import { component, replicaSetsOf } from './replica-sets.ts';
import { revisionOf } from './revisions.ts';
import { endings, nextScaling, replicasOf } from './rolling-update.ts';
import { deploymentStatus } from './status.ts';
import { templateText } from './template-hash.ts';

interface Owned {
  readonly current: ReplicaSet | undefined;
  readonly old: ReplicaSet[];
}

/** pkg/controller/deployment. */
export function deploymentController(cluster: Cluster, record: EventRecorder): Controller {
  const deployments = cluster.resource('deployments', 'apps');
  const replicaSets = cluster.resource('replicasets', 'apps');
  const pods = cluster.resource('pods');
  const sets = replicaSetsOf(cluster, record);

  async function ownedBy(deployment: Deployment): Promise<Owned> {
    const text = templateText(deployment.spec.template);
    const owned = await claim<ReplicaSet>(cluster, replicaSets, deployment);
    const current = owned.find(({ spec }) => spec.template !== undefined && templateText(spec.template) === text);
    return { current, old: owned.filter((set) => set !== current) };
  }

  const find = (key: string): Deployment | undefined => {
    const { namespace, name } = splitKey(key);
    return cluster.get(deployments, namespace, name) as Deployment | undefined;
  };

  /** Brings the rollout one step on (deployment/rolling.go, recreate.go). */
  async function rollOut(deployment: Deployment, { current, old }: Owned): Promise<void> {
    const revision = Math.max(0, ...old.map(revisionOf)) + 1;
    const number = (set: ReplicaSet): Promise<void> =>
      sets.number(deployment, set, Math.max(revision, revisionOf(set)));
    if (deployment.spec.strategy?.type === 'Recreate') {
      if (current !== undefined) await number(current);
      const ending = endings(old);
      for (const scaling of ending) await sets.scale(deployment, scaling);
      if (ending.length > 0 || old.some(hasPods)) return;
      const replicas = deployment.spec.replicas ?? 1;
      if (current !== undefined) return sets.scale(deployment, { set: current, replicas });
      return number(await sets.create(deployment, revision, replicas));
    }
    const nobody = { spec: { replicas: 0 } } as ReplicaSet;
    const first = nextScaling(deployment, nobody, old).find(({ set }) => set === nobody)?.replicas ?? 0;
    const set = current ?? (await sets.create(deployment, revision, first));
    await number(set);
    for (const scaling of nextScaling(deployment, set, old)) await sets.scale(deployment, scaling);
  }

  const hasPods = (set: ReplicaSet): boolean =>
    controlledBy<Pod>(cluster, pods, set).some(
      ({ status }) => status?.phase !== 'Failed' && status?.phase !== 'Succeeded',
    );

  /** Of the oldest beyond the limit those go that are empty (deployment/sync.go cleanupDeployment). */
  async function trimHistory(deployment: Deployment, old: readonly ReplicaSet[]): Promise<void> {
    const limit = deployment.spec.revisionHistoryLimit ?? Infinity;
    const surplus = Math.max(0, old.length - limit);
    const oldest = [...old].sort((a, b) => revisionOf(a) - revisionOf(b)).slice(0, surplus);
    for (const set of oldest) {
      if (replicasOf(set) > 0 || (set.status?.replicas ?? 0) > 0) continue;
      await cluster.delete(replicaSets, set.metadata.namespace ?? '', set.metadata.name);
    }
  }

  /** `Recreate` goes on when the last pod of the old ones has gone, of which no ReplicaSet tells (deployment_controller.go deletePod). */
  function recreated({ type, object }: StoreEvent): string[] {
    const set = type === 'DELETED' ? controllerOf(object) : undefined;
    const namespace = object.metadata.namespace ?? '';
    const owner = set?.kind === 'ReplicaSet' ? cluster.get(replicaSets, namespace, set.name) : undefined;
    const deployment = owner === undefined ? undefined : controllerOf(owner);
    return deployment?.kind === 'Deployment' ? [`${namespace}/${deployment.name}`] : [];
  }

  return {
    name: component,
    watches: [
      watchOwn(deployments),
      watchClaimed(cluster, replicaSets, deployments),
      { resource: pods, keys: recreated },
    ],
    async reconcile(key) {
      const found = find(key);
      if (found === undefined || found.metadata.deletionTimestamp !== undefined) return undefined;
      const now = timestamp(cluster.clock);
      const told = pausedConditions(found, now);
      if (told !== undefined) await writeStatus(cluster, deployments, found, { ...found.status, conditions: told });
      const deployment = find(key);
      if (deployment === undefined) return undefined;

      const owned = await ownedBy(deployment);
      const { current, old } = owned;
      const isPaused = deployment.spec.paused === true;
      const isSizeOnly = isPaused || isScaled(deployment, current === undefined ? old : [...old, current]);
      if (isSizeOnly) for (const scaling of shareOut(deployment, current, old)) await sets.scale(deployment, scaling);
      else await rollOut(deployment, owned);

      const live = find(key);
      if (live === undefined) return undefined;
      const after = await ownedBy(live);
      const status = deploymentStatus(live, after.current, after.old, now);
      const written = isSizeOnly ? status : withRollout(live, status, after.current, after.old, now);
      await writeStatus(cluster, deployments, live, written);
      if (isPaused || isComplete(live, written)) await trimHistory(live, after.old);
      const fresh = find(key);
      return fresh === undefined ? undefined : untilDeadline(fresh, cluster.clock.now());
    },
  };
}
