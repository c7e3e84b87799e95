import type { ControllerRevision, PodTemplateSpec } from '../model/generated/objects.ts';
import type { Json, KubeObject } from '../object.ts';
import type { Cluster } from '../store/cluster.ts';
import { sameButForEmpty, WRITING } from './status.ts';
import { hashOf } from './deployment/template-hash.ts';
import { controlledBy, controllerReference } from './ownership.ts';

interface Revised extends KubeObject {
  spec: { template: PodTemplateSpec; revisionHistoryLimit?: number };
}

export interface Revisions {
  /** Oldest first, the newest and wanted one last. */
  readonly all: readonly ControllerRevision[];
  readonly wanted: ControllerRevision;
}

/** The patch that a revision keeps: the template as a whole (daemon/update.go getPatch, stateful_set_utils.go getPatch). */
const patchOf = ({ spec }: Revised): Json => {
  const template = structuredClone(spec.template) as unknown as Record<string, Json>;
  return { spec: { template: { ...template, $patch: 'replace' } } };
};

/** The pod template in a revision. */
export function templateOf(revision: ControllerRevision): PodTemplateSpec {
  const { spec } = structuredClone(revision.data) as { spec: { template: Record<string, unknown> } };
  const { $patch: _, ...template } = spec.template;
  return template as unknown as PodTemplateSpec;
}

/**
 * The history of a DaemonSet's or StatefulSet's template as ControllerRevisions, with one for the template as it is now: an older
 * one that says the same is numbered anew, as for a rollback (pkg/controller/history/controller_history.go).
 */
export async function keepRevisions(cluster: Cluster, owner: Revised, hashLabel: string): Promise<Revisions> {
  const resource = cluster.resource('controllerrevisions', 'apps');
  const known = controlledBy<ControllerRevision>(cluster, resource, owner).sort((a, b) => a.revision - b.revision);
  const data = patchOf(owner);
  const same = known.findLast((revision) => sameButForEmpty(revision.data, data));
  const newest = known.at(-1);
  if (same !== undefined && same === newest) return { all: known, wanted: same };
  const next = (newest?.revision ?? 0) + 1;
  if (same !== undefined) {
    const { namespace = '', name } = same.metadata;
    const renumber = (draft: KubeObject): void => void ((draft as ControllerRevision).revision = next);
    const wanted = ((await cluster.modify(resource, { namespace, name }, renumber, WRITING)) ??
      same) as ControllerRevision;
    return { all: [...known.filter((revision) => revision !== same), wanted], wanted };
  }
  const { namespace = '', name, annotations } = owner.metadata;
  const { collisionCount = 0 } = (owner['status'] ?? {}) as { collisionCount?: number };
  const hash = hashOf(`${JSON.stringify(data)}${collisionCount}`);
  const made = (await cluster.create(
    resource,
    {
      apiVersion: 'apps/v1',
      kind: 'ControllerRevision',
      metadata: {
        name: `${name}-${hash}`,
        namespace,
        labels: { ...owner.spec.template.metadata?.labels, [hashLabel]: hash },
        ...(annotations === undefined ? {} : { annotations: { ...annotations } }),
        ownerReferences: [controllerReference(owner)],
      },
      data,
      revision: next,
    },
    WRITING,
  )) as ControllerRevision;
  return { all: [...known, made], wanted: made };
}

/** Deletes the oldest revisions beyond the limit that no pod lives by. */
export async function trimRevisions(
  cluster: Cluster,
  owner: Revised,
  all: readonly ControllerRevision[],
  isLive: (revision: ControllerRevision) => boolean,
): Promise<void> {
  const resource = cluster.resource('controllerrevisions', 'apps');
  const spent = all.filter((revision) => !isLive(revision));
  const surplus = spent.length - (owner.spec.revisionHistoryLimit ?? 10);
  for (const { metadata } of spent.slice(0, Math.max(0, surplus))) {
    await cluster.delete(resource, metadata.namespace ?? '', metadata.name);
  }
}
