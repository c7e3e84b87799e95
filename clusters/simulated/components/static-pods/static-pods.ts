import type { Clock } from '../../clock.ts';
import { IMAGES } from '../../images/table.ts';
import type { NodePlan } from '../../kubernetes/bootstrap/cluster-plan.ts';
import type { ControlPlane } from '../../kubernetes/control-plane.ts';
import { eventRecorder } from '../../kubernetes/controllers/events.ts';
import { type RecordAll, podEvents } from '../../kubernetes/kubelet/pod-events.ts';
import type { Pod } from '../../kubernetes/model/generated/objects.ts';
import type { Randomness } from '../../kubernetes/randomness.ts';
import type { Component } from '../component.ts';
import { isMirrorOf, mirrorStaticPods } from './mirror-pods.ts';
import type { NodeFiles } from '../node/node-files.ts';
import { StaticPodRunner } from './static-pod-runner.ts';

export interface StaticPodsOptions {
  readonly plane: Pick<ControlPlane, 'cluster' | 'up'>;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly components: Readonly<Record<string, Component>>;
  /** Names of the nodes that have joined; others have no mirror pods. */
  readonly nodes: readonly string[];
  /** Whether a node's kubelet reaches the API server now. */
  readonly hearsOf: (node: string) => boolean;
  readonly log: (line: string) => void;
}

/** The static pods of a cluster's nodes: a runner a node, and the mirror pods by which the API tells of them. */
export class StaticPods implements AsyncDisposable {
  readonly #options: StaticPodsOptions;
  readonly #record: RecordAll;
  readonly #runners = new Map<string, { readonly node: NodePlan; readonly runner: StaticPodRunner }>();
  readonly #deletions: Disposable;
  /** Nodes whose mirror pods may be behind, because their kubelet did not reach the API server when there was something to tell. */
  readonly #unheard = new Set<string>();
  #mirroring: Promise<void> = Promise.resolve();

  constructor(options: StaticPodsOptions) {
    this.#options = options;
    const { cluster } = options.plane;
    this.#record = podEvents(eventRecorder(cluster));
    // A mirror pod that somebody deletes is made again.
    this.#deletions = cluster.watch(cluster.resource('pods'), ({ type, object }) => {
      const isGoing = type === 'DELETED' || object.metadata.deletionTimestamp !== undefined;
      if (isGoing && [...this.#runners.keys()].some((node) => isMirrorOf(object, node))) void this.#mirror();
    });
  }

  /** A runner for the static pods of a node, which is still to be started. `journal` takes the lines of the node's kubelet. */
  add(node: NodePlan, files: NodeFiles, journal: (line: string) => void): StaticPodRunner {
    const { clock, randomness, components, log } = this.#options;
    const runner = new StaticPodRunner({
      files,
      node,
      clock,
      randomness,
      images: IMAGES,
      components,
      journal,
      changed: () => void this.#mirror(),
      fault: (error) => log(`static pods of ${node.name}: ${String(error)}`),
      record: ({ pod }, events) => void this.#tell(pod, events),
    });
    this.#runners.set(node.name, { node, runner });
    return runner;
  }

  /** Tells that a node's kubelet runs, with the folder of its configuration, or no longer does. What it could not say it says now. */
  setKubelet(node: string, up: boolean, folder: string | undefined): void {
    const runner = this.#runners.get(node)?.runner;
    if (up) void runner?.resume(folder);
    else runner?.pause();
    if (this.#unheard.has(node)) void this.#mirror();
  }

  /** Resolves when the mirror pods agree with what has been told so far. */
  mirrored(): Promise<void> {
    return this.#mirroring;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#deletions[Symbol.dispose]();
    await Promise.all([...this.#runners.values()].map(({ runner }) => runner[Symbol.asyncDispose]()));
    await this.#mirroring;
  }

  /** Events are about a mirror pod, once there is one. */
  async #tell({ metadata }: Pod, events: Parameters<RecordAll>[1]): Promise<void> {
    await this.#mirror();
    const { plane, log } = this.#options;
    const mirror = plane.cluster.get(plane.cluster.resource('pods'), metadata.namespace ?? '', metadata.name);
    if (mirror === undefined || !plane.up) return;
    await this.#record(mirror as Pod, events).catch((error: unknown) => log(`static pods: ${String(error)}`));
  }

  /** Mirror pods follow what runs; while the API server is down they wait for it. */
  #mirror(): Promise<void> {
    const { plane, nodes, hearsOf, log } = this.#options;
    this.#mirroring = this.#mirroring.then(async () => {
      for (const { node, runner } of this.#runners.values()) {
        if (!plane.up || !nodes.includes(node.name)) continue;
        if (!hearsOf(node.name)) {
          this.#unheard.add(node.name);
          continue;
        }
        this.#unheard.delete(node.name);
        await mirrorStaticPods(plane.cluster, node, runner.pods).catch((error: unknown) =>
          log(`mirror pods: ${error instanceof Error ? error.message : String(error)}`),
        );
      }
    });
    return this.#mirroring;
  }
}
