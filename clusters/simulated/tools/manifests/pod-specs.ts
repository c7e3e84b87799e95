import { isObject, type Json, listAt, type ManifestObject, objectAt } from './manifests.ts';

/** Where each kind of workload keeps its pod's specification. */
const PATHS: Readonly<Record<string, readonly string[]>> = {
  Pod: ['spec'],
  Deployment: ['spec', 'template', 'spec'],
  StatefulSet: ['spec', 'template', 'spec'],
  DaemonSet: ['spec', 'template', 'spec'],
  ReplicaSet: ['spec', 'template', 'spec'],
  ReplicationController: ['spec', 'template', 'spec'],
  Job: ['spec', 'template', 'spec'],
  CronJob: ['spec', 'jobTemplate', 'spec', 'template', 'spec'],
};

export interface PodSpec {
  readonly spec: Json;
  /** Beside the specification: the pod's own labels and annotations. */
  readonly metadata: Json;
  /** From the object to the specification. */
  readonly path: readonly string[];
}

/** The specification of the pods that an object makes; undefined for one that makes none. */
export function podSpecOf({ kind, value }: ManifestObject): PodSpec | undefined {
  const path = PATHS[kind];
  if (path === undefined) return undefined;
  const owner = path.slice(0, -1).reduce<Json>(objectAt, value);
  const spec = owner['spec'];
  return isObject(spec) ? { spec, metadata: objectAt(owner, 'metadata'), path } : undefined;
}

export interface ContainerSpec {
  readonly container: Json;
  readonly path: readonly (string | number)[];
}

export function containersOf(
  { spec, path }: PodSpec,
  ...fields: readonly ('containers' | 'initContainers' | 'ephemeralContainers')[]
): readonly ContainerSpec[] {
  return fields.flatMap((field) =>
    listAt(spec, field).map((container, index) => ({ container, path: [...path, field, index] })),
  );
}

/** A container's own field of its security context, else the pod's where pods have it. */
export function securityField({ spec }: PodSpec, container: Json, field: string, ofPodsToo = true): unknown {
  const own = objectAt(container, 'securityContext')[field];
  return own === undefined && ofPodsToo ? objectAt(spec, 'securityContext')[field] : own;
}
