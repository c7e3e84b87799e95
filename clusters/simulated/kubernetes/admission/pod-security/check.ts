import type { PodMeta, PodSpec } from './pod.ts';

export interface Finding {
  /** Short, for the list of pods on labelling a namespace. */
  readonly reason: string;
  readonly detail: string;
}

/** Undefined when the pod is fine. Pure. */
export type PodCheck = (meta: PodMeta, spec: PodSpec) => Finding | undefined;

/** A control of the Pod Security Standards in the forms it had (pod-security-admission/policy/checks.go). */
export interface Control {
  readonly id: string;
  readonly level: 'baseline' | 'restricted';
  /** From the oldest to the newest; `since` is the minor version of Kubernetes 1 in which the form came. */
  readonly versions: readonly {
    readonly since: number;
    readonly check: PodCheck;
    /** Baseline controls that this one makes redundant. */
    readonly overrides?: readonly string[];
  }[];
}
