import { Loops } from './components/programs/loops.ts';
import { componentOf } from './components/component-of.ts';
import { IMAGES } from './images/table.ts';
import type { Controller } from './kubernetes/controllers/controller.ts';
import type { EventRecorder } from './kubernetes/controllers/events.ts';
import type { ContainerRuntime } from './kubernetes/kubelet/container-runtime.ts';
import { tellRelease } from './kubernetes/kubelet/heartbeat.ts';
import { kubelets } from './kubernetes/kubelet/kubelet.ts';
import type { PresentImages } from './kubernetes/kubelet/present-images.ts';
import type { Randomness } from './kubernetes/randomness.ts';
import type { Cluster } from './kubernetes/store/cluster.ts';

/** How a node's kubelet runs. */
export interface KubeletState {
  /** The folder of its static pods. */
  readonly staticPods: string;
  readonly release: string;
  /** Whether the API server lets it in; one that is kept out runs its static pods alone. */
  readonly isConnected: boolean;
}

export interface NodeKubeletsOptions {
  readonly cluster: Cluster;
  readonly record: EventRecorder;
  /** Names of the nodes that have joined. */
  readonly nodes: readonly string[];
  readonly randomness: Randomness;
  readonly runtime: ContainerRuntime;
  readonly present: PresentImages;
  readonly log: (line: string) => void;
}

/** The kubelets of the cluster's nodes: their signs of life and their pods, as long as each runs and reaches the API server. */
export class NodeKubelets {
  readonly #cluster: Cluster;
  readonly #loops: Loops;
  readonly #make: () => readonly Controller[];
  readonly #silent = new Set<string>();

  constructor({ cluster, log, record, ...options }: NodeKubeletsOptions) {
    this.#cluster = cluster;
    const isComponent = (pod: Parameters<typeof componentOf>[0]): boolean => componentOf(pod) !== undefined;
    this.#make = () =>
      kubelets(cluster, record, { ...options, images: IMAGES, isUp: (node) => this.isUp(node), isComponent });
    this.#loops = new Loops({ cluster, log });
  }

  /** Whether the cluster hears of a node. */
  isUp(node: string): boolean {
    return !this.#silent.has(node);
  }

  /** Tells how a node's kubelet runs, or that it no longer does. */
  set(node: string, state: KubeletState | undefined): void {
    if (state?.isConnected !== true) return void this.#silent.add(node);
    this.#silent.delete(node);
    void tellRelease(this.#cluster, node, state.release);
  }

  /** All nodes are heard of, until one is not. */
  start(): void {
    this.#silent.clear();
    this.#loops.start(this.#make);
  }

  stop(): void {
    this.#loops.stop();
  }
}
