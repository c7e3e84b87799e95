import type { VainTries } from './held.ts';

/** What a kubelet remembers of a pod. */
export interface PodMemory {
  readonly vainTries: VainTries;
  /** When its volumes were last mounted in vain, in milliseconds since 1970, and how often. */
  mount: { readonly at: number; readonly tries: number } | undefined;
  /** Why it is being evicted. */
  eviction: string | undefined;
  /** Runs of containers whose postStart hook has not ended. */
  readonly starting: Map<string, AbortController>;
}

export const noMemory = (): PodMemory => ({
  vainTries: new Map(),
  mount: undefined,
  eviction: undefined,
  starting: new Map(),
});
