import { isDeepStrictEqual } from 'node:util';
import { timestamp } from '../../../clock.ts';
import type { Deployment, DeploymentCondition, ReplicaSet } from '../../model/generated/objects.ts';
import type { KubeObject } from '../../object.ts';
import { ApiError } from '../../status.ts';
import type { Cluster } from '../../store/cluster.ts';
import type { EventRecorder } from '../events.ts';
import { controllerReference } from '../ownership.ts';
import { writeStatus, WRITING } from '../status.ts';
import { hasDeadline, withProgress } from './progress.ts';
import { REVISION, revisionOf, sharedAnnotations, sizeAnnotations } from './revisions.ts';
import type { Scaling } from './rolling-update.ts';
import { HASH_LABEL, templateHash } from './template-hash.ts';

export const component = 'deployment-controller';

/** What a Deployment does to its ReplicaSets, each with its event. */
export interface ReplicaSets {
  /** The one for the template as it is now, with so many replicas. Rejects when it cannot be made, after it was told. */
  create(deployment: Deployment, revision: number, replicas: number): Promise<ReplicaSet>;
  scale(deployment: Deployment, scaling: Scaling): Promise<void>;
  /** Numbers the current one as that revision, and the Deployment with it. */
  number(deployment: Deployment, current: ReplicaSet, revision: number): Promise<void>;
}

/** pkg/controller/deployment/sync.go getNewReplicaSet and scaleReplicaSet. */
export function replicaSetsOf(cluster: Cluster, record: EventRecorder): ReplicaSets {
  const deployments = cluster.resource('deployments', 'apps');
  const replicaSets = cluster.resource('replicasets', 'apps');

  const tellScaling = (deployment: Deployment, name: string, from: number, to: number): Promise<void> => {
    const message = `Scaled ${to > from ? 'up' : 'down'} replica set ${name} from ${from} to ${to}`;
    return record({ about: deployment, type: 'Normal', reason: 'ScalingReplicaSet', message, component });
  };

  const setProgress = async (
    deployment: Deployment,
    condition: readonly [status: string, reason: string, message: string],
  ): Promise<void> => {
    if (!hasDeadline(deployment)) return;
    const set = (before: readonly DeploymentCondition[] | undefined): DeploymentCondition[] =>
      withProgress(before, condition, timestamp(cluster.clock));
    await writeStatus(cluster, deployments, deployment, {
      ...deployment.status,
      conditions: set(deployment.status?.conditions),
    });
  };

  /** Another object has the name: the next try takes another hash. */
  async function collide(deployment: Deployment): Promise<void> {
    const collisionCount = (deployment.status?.collisionCount ?? 0) + 1;
    await writeStatus(cluster, deployments, deployment, { ...deployment.status, collisionCount });
  }

  return {
    async create(deployment, revision, replicas) {
      const set = newReplicaSet(deployment, revision, replicas);
      const { name } = set.metadata;
      const created = await cluster.create(replicaSets, set, WRITING).catch(async (error: unknown) => {
        const why = error instanceof Error ? error.message : String(error);
        if (error instanceof ApiError && error.reason === 'AlreadyExists') await collide(deployment);
        else if (!why.includes('because it is being terminated')) {
          const message = `Failed to create new replica set "${name}": ${why}`;
          const reason = 'ReplicaSetCreateError';
          await setProgress(deployment, ['False', reason, message]);
          await record({ about: deployment, type: 'Warning', reason, message, component });
        }
        throw error;
      });
      if (replicas > 0) await tellScaling(deployment, name, 0, replicas);
      await setProgress(deployment, ['True', 'NewReplicaSetCreated', `Created new replica set "${name}"`]);
      return created as ReplicaSet;
    },

    async scale(deployment, { set, replicas }) {
      const from = set.spec.replicas ?? 1;
      const sizes = sizeAnnotations(deployment);
      await cluster.modify(
        replicaSets,
        { namespace: set.metadata.namespace ?? '', name: set.metadata.name },
        (draft) => {
          const annotations = { ...draft.metadata.annotations, ...sizes };
          if (from === replicas && isDeepStrictEqual(annotations, { ...draft.metadata.annotations })) return false;
          (draft as ReplicaSet).spec.replicas = replicas;
          draft.metadata.annotations = annotations;
          return true;
        },
        WRITING,
      );
      if (from !== replicas) await tellScaling(deployment, set.metadata.name, from, replicas);
    },

    async number(deployment, current, revision) {
      const key = { namespace: current.metadata.namespace ?? '', name: current.metadata.name };
      await cluster.modify(
        replicaSets,
        key,
        (draft) => {
          const annotations = sharedAnnotations(deployment, revision, draft.metadata.annotations);
          const minReady = deployment.spec.minReadySeconds;
          const { spec } = draft as ReplicaSet;
          if (isDeepStrictEqual(annotations, { ...draft.metadata.annotations }) && spec.minReadySeconds === minReady)
            return false;
          draft.metadata.annotations = annotations;
          if (minReady !== undefined) spec.minReadySeconds = minReady;
          return true;
        },
        WRITING,
      );
      const isKnown = (deployment.status?.conditions ?? []).some(({ type }) => type === 'Progressing');
      if (!isKnown)
        await setProgress(deployment, ['True', 'FoundNewReplicaSet', `Found new replica set "${key.name}"`]);
      if (revisionOf(deployment) === revision) return;
      await cluster.modify(
        deployments,
        { namespace: key.namespace, name: deployment.metadata.name },
        (draft) => {
          draft.metadata.annotations = { ...draft.metadata.annotations, [REVISION]: String(revision) };
        },
        WRITING,
      );
    },
  };
}

function newReplicaSet(deployment: Deployment, revision: number, replicas: number): KubeObject {
  const { metadata, spec, status } = deployment;
  const hash = templateHash(spec.template, status?.collisionCount);
  const template = structuredClone(spec.template);
  const labels = { ...template.metadata?.labels, [HASH_LABEL]: hash };
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `${metadata.name}-${hash}`,
      namespace: metadata.namespace ?? '',
      labels,
      annotations: { ...sharedAnnotations(deployment, revision), ...sizeAnnotations(deployment) },
      ownerReferences: [controllerReference(deployment)],
    },
    spec: {
      replicas,
      ...(spec.minReadySeconds === undefined ? {} : { minReadySeconds: spec.minReadySeconds }),
      selector: { ...spec.selector, matchLabels: { ...spec.selector?.matchLabels, [HASH_LABEL]: hash } },
      template: { ...template, metadata: { ...template.metadata, labels } },
    },
  };
}
