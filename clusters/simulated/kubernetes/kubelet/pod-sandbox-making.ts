import type { Pod } from '../model/generated/objects.ts';
import type { Cluster } from '../store/cluster.ts';
import type { ContainerRuntime } from './container-runtime.ts';
import type { StartContext } from './container-start.ts';
import { mountWait, unfilled } from './mounts.ts';
import type { RecordAll } from './pod-events.ts';
import type { PodMemory } from './pod-memory.ts';

export interface PodSandboxMakingOptions {
  readonly cluster: Cluster;
  readonly record: RecordAll;
  readonly runtime: ContainerRuntime | undefined;
  readonly newContainerId: () => string;
  readonly source: (namespace: string) => StartContext['source'];
}

/** What a kubelet does for a pod before any of its containers: its volumes, then its sandbox (kuberuntime_manager.go SyncPod). */
export class PodSandboxMaking {
  readonly #options: PodSandboxMakingOptions;

  constructor(options: PodSandboxMakingOptions) {
    this.#options = options;
  }

  /** Tries if it is time to. Returns whether all is there, or the milliseconds after which to try again. */
  async make(pod: Pod, memory: PodMemory): Promise<{ isMade: boolean; again?: number }> {
    if (pod.status.startTime === undefined || pod.status.podIP !== undefined) return { isMade: true };
    const problem = (await this.#withoutVolumes(pod)) ?? this.#withoutSandbox(pod);
    if (problem === undefined) {
      memory.mount = undefined;
      return { isMade: true };
    }
    const now = this.#options.cluster.clock.now();
    const { at, tries } = memory.mount ?? { at: -Infinity, tries: 0 };
    const left = tries === 0 ? 0 : at + mountWait(tries) - now;
    if (left > 0) return { isMade: false, again: left };
    memory.mount = { at: now, tries: tries + 1 };
    await this.#options.record(pod, [{ type: 'Warning', ...problem }]);
    return { isMade: false, again: mountWait(tries + 1) };
  }

  async #withoutVolumes(pod: Pod): Promise<{ reason: string; message: string } | undefined> {
    const { source, runtime } = this.#options;
    if ((pod.spec.volumes ?? []).length === 0) return undefined;
    const message = unfilled(pod, source(pod.metadata.namespace ?? '')) ?? (await runtime?.unmounted(pod));
    return message === undefined ? undefined : { reason: 'FailedMount', message };
  }

  #withoutSandbox(pod: Pod): { reason: string; message: string } | undefined {
    const { runtime, newContainerId } = this.#options;
    if (pod.spec.runtimeClassName === undefined) return undefined;
    const why = runtime?.withoutSandbox(pod, newContainerId().replace('containerd://', ''));
    if (why === undefined) return undefined;
    return { reason: 'FailedCreatePodSandBox', message: `Failed to create pod sandbox: ${why}` };
  }
}
