import type { Deployment, ReplicaSet } from '../../model/generated/objects.ts';
import type { KubeObject } from '../../object.ts';
import { fenceposts } from './rolling-update.ts';

export const REVISION = 'deployment.kubernetes.io/revision';
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

type Annotations = Readonly<Record<string, string>>;

export const revisionOf = ({ metadata }: KubeObject): number => Number(metadata.annotations?.[REVISION] ?? 0);

/** What a ReplicaSet shares with its Deployment, and its place in the history (deployment/util SetNewReplicaSetAnnotations). */
export function sharedAnnotations(deployment: Deployment, revision: number, kept: Annotations = {}): Annotations {
  const shared = Object.entries(deployment.metadata.annotations ?? {}).filter(([name]) => !NOT_COPIED.has(name));
  const annotations = { ...kept, ...Object.fromEntries(shared), [REVISION]: String(revision) };
  const previous = kept[REVISION];
  if (previous === undefined || previous === String(revision)) return annotations;
  const history = kept[REVISION_HISTORY];
  return { ...annotations, [REVISION_HISTORY]: history === undefined ? previous : `${history},${previous}` };
}

/** The sizes by which the next scaling is told from a rollout, and shared out (SetReplicasAnnotations). */
export function sizeAnnotations(deployment: Deployment): Annotations {
  const wanted = deployment.spec.replicas ?? 1;
  return { [DESIRED]: String(wanted), [MAXIMUM]: String(wanted + fenceposts(deployment).surge) };
}

const numberIn = ({ metadata }: ReplicaSet, annotation: string): number | undefined => {
  const text = metadata.annotations?.[annotation];
  return text === undefined ? undefined : Number(text);
};

/** The Deployment's size when this ReplicaSet was scaled last. */
export const desiredBefore = (set: ReplicaSet): number | undefined => numberIn(set, DESIRED);
/** The same with the surge. */
export const mostBefore = (set: ReplicaSet): number | undefined => numberIn(set, MAXIMUM);
