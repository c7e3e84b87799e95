import type { Pulls } from './image-pull.ts';

/** What a kubelet remembers of a pod. */
export interface PodMemory {
  readonly pulls: Pulls;
  /** When its volumes were last mounted in vain, in milliseconds since 1970, and how often. */
  mount: { readonly at: number; readonly tries: number } | undefined;
  /** Why it is being evicted. */
  eviction: string | undefined;
  /** Runs of containers whose postStart hook has not ended. */
  readonly starting: Map<string, AbortController>;
}

export const noMemory = (): PodMemory => ({
  pulls: new Map(),
  mount: undefined,
  eviction: undefined,
  starting: new Map(),
});
