import type { Image } from '../../images/image.ts';
import type { Container, LifecycleHandler, Pod, PodStatus, Probe } from '../model/generated/objects.ts';
import type { ProbeOutcome } from './probes/verdict.ts';
import type { Process } from './process.ts';
import type { StorageUsage } from './storage-limits.ts';

/** What a kubelet asks of whatever really runs containers. Without one every process goes as foretold. */
export interface ContainerRuntime {
  /** How the process of that run goes; undefined when it is not run for real and has to be foretold. */
  processOf(pod: Pod, container: Container, image: Image, containerID: string): Process | undefined;
  /** Why the pod's volumes cannot be mounted on its node, in the words of the kubelet's event; undefined when they can. */
  unmounted(pod: Pod): Promise<string | undefined>;
  /** Why the pod's node makes no sandbox of that id for it, in the words of the kubelet's event; undefined when it does. */
  withoutSandbox(pod: Pod, id: string): string | undefined;
  /** Tells that the pod has taken on that status: what it newly calls running is to run. `pod` is as it was before. */
  begun(pod: Pod, status: PodStatus): void;
  /**
   * Sends a signal to that run's process. False when its end is not worth a wait: it has ended, or it does not run or does so only
   * because somebody looked into it.
   */
  signal(pod: Pod, container: string, containerID: string, signal: number): boolean;
  /** Why the node cannot make containers of the pod, by container, in the words of `state.waiting`. */
  refusals(pod: Pod): Promise<ReadonlyMap<string, string>>;
  /** What of the node's disk the pod takes up; undefined where nothing really runs. */
  storageUsed(pod: Pod): Promise<StorageUsage | undefined>;
  /** Whether what a probe or hook comes to is known without trying it. */
  isForetold(pod: Pod, container: Container, asked: Probe | LifecycleHandler): boolean;
  /** Tries a probe once, within its time limit. Undefined when the container does not run by then. */
  probe(pod: Pod, container: Container, probe: Probe): Promise<ProbeOutcome | undefined>;
  /** Runs a hook in a container. Rejects when it fails. */
  hook(pod: Pod, container: Container, handler: LifecycleHandler, signal: AbortSignal): Promise<void>;
  /** Calls back with `namespace/name` when a process has ended. */
  subscribe(changed: (key: string) => void): Disposable;
}
