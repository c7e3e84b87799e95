import type { PodSpec, Volume } from '../../../model/generated/objects.ts';

/** What the parts of a pod's spec are checked against. Paths are those of the 422: `spec.containers[0].image`. */
export interface PodContext {
  /** Whether the spec is a pod's own, not a template's. */
  readonly ofPod: boolean;
  /** Volumes that are right, by name. */
  readonly volumes: ReadonlyMap<string, Volume>;
  /** Names of `spec.resourceClaims`. */
  readonly claimNames: ReadonlySet<string>;
  /** Seconds; undefined where the spec says none. */
  readonly gracePeriod: number | undefined;
  readonly restartPolicy: string | undefined;
  /** Whether containers share the host's user namespace, which they do unless the spec says otherwise. */
  readonly hostUsers: boolean;
}

export const contextOf = (spec: PodSpec, volumes: ReadonlyMap<string, Volume>, ofPod: boolean): PodContext => ({
  ofPod,
  volumes,
  claimNames: new Set((spec.resourceClaims ?? []).map(({ name }) => name).filter(Boolean)),
  gracePeriod: spec.terminationGracePeriodSeconds,
  restartPolicy: spec.restartPolicy,
  hostUsers: spec.hostUsers ?? true,
});
