import { isDeepStrictEqual } from 'node:util';
import { timestamp } from '../../../clock.ts';
import type { Deployment, Pod, ReplicaSet } from '../../model/generated/objects.ts';
import type { KubeObject } from '../../object.ts';
import type { Cluster, StoreEvent } from '../../store/cluster.ts';
import { claim, watchClaimed } from '../claim.ts';
import { type Controller, splitKey, watchOwn } from '../controller.ts';
import type { EventRecorder } from '../events.ts';
import { controlledBy, controllerOf, controllerReference } from '../ownership.ts';
import { writeStatus, WRITING } from '../status.ts';
import { fenceposts, nextRecreation, nextScaling, type Scaling } from './rolling-update.ts';
import { deploymentStatus, untilDeadline } from './status.ts';
import { HASH_LABEL, templateHash, templateText } from './template-hash.ts';

const REVISION = 'deployment.kubernetes.io/revision';
const REVISION_HISTORY = 'deployment.kubernetes.io/revision-history';
const DESIRED = 'deployment.kubernetes.io/desired-replicas';
const MAXIMUM = 'deployment.kubernetes.io/max-replicas';

/** Annotations that stay with the Deployment (deployment/util annotationsToSkip). */
const NOT_COPIED = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  REVISION,
  REVISION_HISTORY,
  DESIRED,
  MAXIMUM,
]);

const revisionOf = ({ metadata }: KubeObject): number => Number(metadata.annotations?.[REVISION] ?? 0);
const component = 'deployment-controller';

/** pkg/controller/deployment. */
export function deploymentController(cluster: Cluster, record: EventRecorder): Controller {
  const deployments = cluster.resource('deployments', 'apps');
  const replicaSets = cluster.resource('replicasets', 'apps');
  const pods = cluster.resource('pods');

  /** The annotations a ReplicaSet shares with its Deployment, and its place in the history. */
  function annotationsFor(
    deployment: Deployment,
    revision: number,
    before: ReplicaSet | undefined,
  ): Record<string, string> {
    const kept = before?.metadata.annotations ?? {};
    const shared = Object.entries(deployment.metadata.annotations ?? {}).filter(([name]) => !NOT_COPIED.has(name));
    const wanted = deployment.spec.replicas ?? 1;
    const annotations: Record<string, string> = {
      ...kept,
      ...Object.fromEntries(shared),
      [DESIRED]: String(wanted),
      [MAXIMUM]: String(wanted + fenceposts(deployment).surge),
      [REVISION]: String(revision),
    };
    const previous = kept[REVISION];
    if (previous !== undefined && previous !== String(revision)) {
      const history = kept[REVISION_HISTORY];
      annotations[REVISION_HISTORY] = history === undefined ? previous : `${history},${previous}`;
    }
    return annotations;
  }

  async function createCurrent(
    deployment: Deployment,
    old: readonly ReplicaSet[],
    revision: number,
  ): Promise<ReplicaSet> {
    const hash = templateHash(deployment.spec.template, deployment.status?.collisionCount);
    const { template } = structuredClone(deployment.spec);
    const labels = { ...template.metadata?.labels, [HASH_LABEL]: hash };
    const replicas =
      deployment.spec.strategy?.type === 'Recreate'
        ? 0
        : (nextScaling(deployment, { spec: { replicas: 0 } } as ReplicaSet, old)[0]?.replicas ?? 0);
    const name = `${deployment.metadata.name}-${hash}`;
    const set: KubeObject = {
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      metadata: {
        name,
        namespace: deployment.metadata.namespace ?? '',
        labels,
        annotations: annotationsFor(deployment, revision, undefined),
        ownerReferences: [controllerReference(deployment)],
      },
      spec: {
        replicas,
        ...(deployment.spec.minReadySeconds === undefined ? {} : { minReadySeconds: deployment.spec.minReadySeconds }),
        selector: {
          ...deployment.spec.selector,
          matchLabels: { ...deployment.spec.selector?.matchLabels, [HASH_LABEL]: hash },
        },
        template: { ...template, metadata: { ...template.metadata, labels } },
      },
    };
    const created = (await cluster.create(replicaSets, set, WRITING)) as ReplicaSet;
    if (replicas > 0) await tellScaling(deployment, name, 0, replicas);
    return created;
  }

  const tellScaling = (deployment: Deployment, name: string, from: number, to: number): Promise<void> => {
    const message = `Scaled ${to > from ? 'up' : 'down'} replica set ${name} from ${from} to ${to}`;
    return record({ about: deployment, type: 'Normal', reason: 'ScalingReplicaSet', message, component });
  };

  async function scale(deployment: Deployment, { set, replicas }: Scaling): Promise<void> {
    const from = set.spec.replicas ?? 1;
    const key = { namespace: set.metadata.namespace ?? '', name: set.metadata.name };
    await cluster.modify(
      replicaSets,
      key,
      (draft) => {
        (draft as ReplicaSet).spec.replicas = replicas;
        const { [REVISION]: revision } = draft.metadata.annotations ?? {};
        draft.metadata.annotations = annotationsFor(deployment, Number(revision ?? 1), draft as ReplicaSet);
      },
      WRITING,
    );
    await tellScaling(deployment, set.metadata.name, from, replicas);
  }

  /** Numbers the current ReplicaSet as the newest revision, and the Deployment with it. */
  async function number(deployment: Deployment, current: ReplicaSet, revision: number): Promise<void> {
    const key = { namespace: current.metadata.namespace ?? '', name: current.metadata.name };
    await cluster.modify(
      replicaSets,
      key,
      (draft) => {
        const annotations = annotationsFor(deployment, revision, draft as ReplicaSet);
        const minReady = deployment.spec.minReadySeconds;
        const spec = (draft as ReplicaSet).spec;
        if (isDeepStrictEqual(annotations, { ...draft.metadata.annotations }) && spec.minReadySeconds === minReady)
          return false;
        draft.metadata.annotations = annotations;
        if (minReady !== undefined) spec.minReadySeconds = minReady;
        return true;
      },
      WRITING,
    );
    if (revisionOf(deployment) === revision) return;
    await cluster.modify(
      deployments,
      { namespace: key.namespace, name: deployment.metadata.name },
      (draft) => {
        draft.metadata.annotations = { ...draft.metadata.annotations, [REVISION]: String(revision) };
      },
      WRITING,
    );
  }

  async function trimHistory(deployment: Deployment, old: readonly ReplicaSet[]): Promise<void> {
    const limit = deployment.spec.revisionHistoryLimit ?? Infinity;
    const spent = old.filter(({ spec, status }) => spec.replicas === 0 && (status?.replicas ?? 0) === 0);
    spent.sort((a, b) => revisionOf(a) - revisionOf(b));
    for (const set of spent.slice(0, Math.max(0, old.length - limit))) {
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
      const { namespace, name } = splitKey(key);
      const deployment = cluster.get(deployments, namespace, name) as Deployment | undefined;
      if (deployment === undefined || deployment.metadata.deletionTimestamp !== undefined) return undefined;
      const text = templateText(deployment.spec.template);
      const divide = async (): Promise<{ current: ReplicaSet | undefined; old: ReplicaSet[] }> => {
        const owned = await claim<ReplicaSet>(cluster, replicaSets, deployment);
        const current = owned.find(({ spec }) => spec.template !== undefined && templateText(spec.template) === text);
        return { current, old: owned.filter((set) => set !== current) };
      };

      let { current, old } = await divide();
      if (deployment.spec.paused !== true) {
        const revision = Math.max(0, ...old.map(revisionOf)) + 1;
        if (current === undefined) current = await createCurrent(deployment, old, revision);
        await number(deployment, current, Math.max(revision, revisionOf(current)));
        const scalings =
          deployment.spec.strategy?.type === 'Recreate'
            ? nextRecreation(
                deployment,
                current,
                old,
                old.some((set) => controlledBy<Pod>(cluster, pods, set).length > 0),
              )
            : nextScaling(deployment, current, old);
        for (const scaling of scalings) await scale(deployment, scaling);
      } else {
        // A paused Deployment rolls nothing out, but what alone is up still takes a new size (deployment/sync.go scale).
        const all = current === undefined ? old : [...old, current];
        const active = all.filter(({ spec }) => (spec.replicas ?? 1) > 0);
        const [only = current] = active;
        const wanted = deployment.spec.replicas ?? 1;
        if (only !== undefined && active.length <= 1 && only.spec.replicas !== wanted) {
          await scale(deployment, { set: only, replicas: wanted });
        }
      }

      ({ current, old } = await divide());
      const live = cluster.get(deployments, namespace, name) as Deployment | undefined;
      if (live === undefined) return undefined;
      const status = deploymentStatus(live, current, old, timestamp(cluster.clock));
      await writeStatus(cluster, deployments, live, status);
      await trimHistory(deployment, old);
      const fresh = cluster.get(deployments, namespace, name) as Deployment | undefined;
      return fresh === undefined ? undefined : untilDeadline(fresh, cluster.clock.now());
    },
  };
}
