import type { Image } from '../../images/image.ts';
import type { Container, Pod, PodStatus } from '../model/generated/objects.ts';
import type { Process } from './process.ts';

/** What a kubelet asks of whatever really runs containers. Without one every process goes as foretold. */
export interface ContainerRuntime {
  /** How the process of that run goes; undefined when it is not run for real and has to be foretold. */
  processOf(pod: Pod, container: Container, image: Image, containerID: string): Process | undefined;
  /** Tells that the pod has taken on that status: what it newly calls running is to run. `pod` is as it was before. */
  begun(pod: Pod, status: PodStatus): void;
  /** For a pod that is being deleted: asks its processes to end, and says in how many milliseconds to look again; undefined when none is waited for. */
  ending(pod: Pod): number | undefined;
  /** Calls back with `namespace/name` when a process has ended. */
  subscribe(changed: (key: string) => void): Disposable;
}
