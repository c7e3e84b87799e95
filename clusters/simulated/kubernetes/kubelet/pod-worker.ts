import { findImage, type Image } from '../../images/image.ts';
import type { EventRecorder } from '../controllers/events.ts';
import { writeStatus } from '../controllers/status.ts';
import type { Node, Pod, PodStatus } from '../model/generated/objects.ts';
import type { Cluster } from '../store/cluster.ts';
import { rejectionOf } from './admit.ts';
import type { ContainerRuntime } from './container-runtime.ts';
import type { StartContext } from './container-start.ts';
import { containerOf, statusesOf } from './container-status.ts';
import { ContainerStops, runHook } from './container-stops.ts';
import { graceOf, PodEnds } from './pod-ends.ts';
import { noMemory, type PodMemory } from './pod-memory.ts';
import { podEvents, type RecordAll } from './pod-events.ts';
import { nextLife } from './pod-life.ts';
import { PodSandboxMaking } from './pod-sandbox-making.ts';
import { foretoldProbe } from './probes/foretold.ts';
import type { PresentImages } from './present-images.ts';
import { limitsStorage, overLimit, STORAGE_PERIOD_MS } from './storage-limits.ts';
import { ProbeWorkers } from './probes/probe-workers.ts';

export interface PodWorkersOptions {
  readonly cluster: Cluster;
  readonly record: EventRecorder;
  readonly images: readonly Image[];
  readonly present: PresentImages;
  readonly runtime: ContainerRuntime | undefined;
  readonly isUp: (node: string) => boolean;
  readonly newContainerId: () => string;
  /** An address of that node's range that no pod has. */
  readonly podIP: (node: Node) => string;
  readonly source: (namespace: string) => StartContext['source'];
}

/** What the kubelets do about their pods, one pod at a time (pkg/kubelet/kubelet.go SyncPod, SyncTerminatingPod). */
export class PodWorkers implements Disposable {
  readonly #options: PodWorkersOptions;
  readonly #probes: ProbeWorkers;
  readonly #stops: ContainerStops;
  readonly #ends: PodEnds;
  readonly #sandboxes: PodSandboxMaking;
  readonly #record: RecordAll;
  readonly #memories = new Map<string, PodMemory>();
  readonly #listeners = new Set<(key: string) => void>();
  readonly #hearing: Disposable | undefined;

  constructor(options: PodWorkersOptions) {
    this.#options = options;
    const { cluster, runtime, isUp, images } = options;
    this.#record = podEvents(options.record);
    const changed = ({ metadata }: Pod): void => this.#poke(`${metadata.namespace ?? ''}/${metadata.name}`);
    this.#stops = new ContainerStops(cluster.clock, runtime, changed);
    this.#ends = new PodEnds({ cluster, images, runtime, record: this.#record, stops: this.#stops });
    this.#sandboxes = new PodSandboxMaking({ ...options, record: this.#record });
    this.#probes = new ProbeWorkers({
      clock: cluster.clock,
      changed,
      run(pod, container, probe) {
        if (!isUp(pod.spec.nodeName ?? '')) return undefined;
        if (runtime?.isForetold(pod, container, probe) === false) return runtime.probe(pod, container, probe);
        const image = findImage(images, container.image ?? '');
        return foretoldProbe(probe, container, image, pod.status.podIP ?? '');
      },
    });
    this.#hearing = runtime?.subscribe((key) => this.#poke(key));
  }

  /** Calls back with the key of a pod that is to be looked at. */
  subscribe(look: (key: string) => void): Disposable {
    this.#listeners.add(look);
    return { [Symbol.dispose]: () => void this.#listeners.delete(look) };
  }

  /** Whether the pod waits for what its volumes are made from. */
  isMounting({ metadata: { uid = '' } }: Pod): boolean {
    return this.#memories.get(uid)?.mount !== undefined;
  }

  /** Brings a pod one step on. Returns the milliseconds after which to look again. */
  async sync(pod: Pod, node: Node): Promise<number | undefined> {
    const { cluster } = this.#options;
    if (pod.metadata.deletionTimestamp !== undefined) return this.#ends.terminate(pod);
    const isRunning = statusesOf(pod.status ?? {}).some(({ state }) => state?.running !== undefined);
    const isOver = ['Succeeded', 'Failed'].includes(pod.status?.phase ?? '');
    if (isOver && !isRunning) return undefined;
    const rejection = pod.status.startTime === undefined ? rejectionOf(pod) : undefined;
    if (rejection !== undefined) return this.#ends.reject(pod, rejection);
    const deadline = pod.spec.activeDeadlineSeconds;
    const left =
      deadline === undefined || pod.status.startTime === undefined
        ? Infinity
        : Date.parse(pod.status.startTime) + deadline * 1000 - cluster.clock.now();
    if (left <= 0) return this.#ends.pastDeadline(pod);
    const why = await this.#eviction(pod);
    if (why !== undefined) return this.#ends.evict(pod, why);
    const again = await this.#live(pod, node);
    return left === Infinity && again === undefined ? undefined : Math.min(left, again ?? Infinity);
  }

  /** Forgets a pod that is gone. */
  forget(pod: Pod): void {
    this.#probes.forget(pod);
    this.#stops.forget(pod);
    const uid = pod.metadata.uid ?? '';
    for (const hook of this.#memories.get(uid)?.starting.values() ?? []) hook.abort();
    this.#memories.delete(uid);
  }

  [Symbol.dispose](): void {
    this.#hearing?.[Symbol.dispose]();
    this.#probes[Symbol.dispose]();
    this.#stops[Symbol.dispose]();
    for (const { starting } of this.#memories.values()) for (const hook of starting.values()) hook.abort();
    this.#memories.clear();
  }

  // ---- Life --------------------------------------------------------------------------------------------------------------------

  async #live(pod: Pod, node: Node): Promise<number | undefined> {
    const { cluster, images, present, runtime, source, newContainerId, podIP } = this.#options;
    const memory = this.#memoryOf(pod);
    const { isMade, again: makeAgain } = await this.#sandboxes.make(pod, memory);
    const refusals = await runtime?.refusals(pod);
    const life = nextLife(pod, {
      refusal: ({ name }) => refusals?.get(name),
      images,
      source: source(pod.metadata.namespace ?? ''),
      now: cluster.clock.now(),
      hostIP: node.status?.addresses?.find(({ type }) => type === 'InternalIP')?.address ?? '',
      podIP: () => podIP(node),
      isMounted: isMade,
      vainTries: memory.vainTries,
      newContainerId,
      isPresent: (container) => present.isPresent(node.metadata.name, container),
      run: (container, _, id) => this.#ends.runOf(pod, container, id),
      health: (container, status) =>
        memory.starting.has(status.containerID ?? '')
          ? { started: false, ready: false }
          : this.#probes.health(pod, container, status),
    });
    await this.#record(pod, [...life.events, ...this.#probes.takeEvents(pod), ...this.#stops.takeEvents(pod)]);
    await writeStatus(cluster, cluster.resource('pods'), pod, life.status, 'kubelet');
    runtime?.begun(pod, life.status);
    this.#postStart(pod, life.status);
    const current = { ...pod, status: life.status };
    const ended = (await this.#endFailed(current)) || (await this.#endSome(current, life.ends));
    const watched = runtime !== undefined && limitsStorage(pod) ? STORAGE_PERIOD_MS : undefined;
    const waits = [life.again, makeAgain, ended ? 0 : undefined, watched].filter((wait) => wait !== undefined);
    return waits.length === 0 ? undefined : Math.min(...waits);
  }

  /** Why the pod is to leave for what it has written; once there is a reason it stays. */
  async #eviction(pod: Pod): Promise<string | undefined> {
    const memory = this.#memoryOf(pod);
    const used = limitsStorage(pod) ? await this.#options.runtime?.storageUsed(pod) : undefined;
    if (used !== undefined) memory.eviction ??= overLimit(pod, used);
    return memory.eviction;
  }

  /** Begins the postStart hooks of containers that have just been started (kuberuntime_container.go startContainer). */
  #postStart(pod: Pod, status: PodStatus): void {
    const { cluster, runtime } = this.#options;
    const known = new Set(statusesOf(pod.status).map(({ containerID }) => containerID));
    for (const { name, containerID: id, state } of statusesOf(status)) {
      const container = containerOf(pod, name);
      const handler = container?.lifecycle?.postStart;
      if (id === undefined || known.has(id) || state?.running === undefined) continue;
      if (container === undefined || handler === undefined) continue;
      const { starting } = this.#memoryOf(pod);
      const leave = new AbortController();
      starting.set(id, leave);
      const begun = { ...pod, status };
      runHook({ clock: cluster.clock, runtime, pod: begun, container, handler, signal: leave.signal })
        .catch(async () => {
          if (leave.signal.aborted) return;
          await this.#record(pod, [
            { type: 'Warning', reason: 'FailedPostStartHook', message: 'PostStartHook failed', container: name },
          ]);
          await this.#ends.end(begun, container, id, graceOf(pod), 'FailedPostStartHook');
        })
        .finally(() => {
          starting.delete(id);
          this.#poke(`${pod.metadata.namespace ?? ''}/${pod.metadata.name}`);
        });
    }
  }

  /** Ends the containers whose liveness or startup probe has failed. True when there were some. */
  async #endFailed(pod: Pod): Promise<boolean> {
    let some = false;
    for (const { name, containerID: id = '', state } of statusesOf(pod.status)) {
      const kind = state?.running === undefined ? undefined : this.#probes.failed(pod, name, id);
      const container = containerOf(pod, name);
      if (kind === undefined || container === undefined || this.#stops.isStopping(id)) continue;
      const probe = kind === 'Startup' ? container.startupProbe : container.livenessProbe;
      const comesBack = (container.restartPolicy ?? pod.spec.restartPolicy) !== 'Never';
      const message = `Container ${name} failed ${kind.toLowerCase()} probe${comesBack ? ', will be restarted' : ''}`;
      const seconds = probe?.terminationGracePeriodSeconds;
      const grace = seconds === undefined ? graceOf(pod) : seconds * 1000;
      some = (await this.#ends.end(pod, container, id, grace, message)) || some;
    }
    return some;
  }

  async #endSome(pod: Pod, names: readonly string[]): Promise<boolean> {
    let some = false;
    for (const { name, containerID: id = '' } of statusesOf(pod.status)) {
      const container = containerOf(pod, name);
      if (container === undefined || !names.includes(name)) continue;
      some = (await this.#ends.end(pod, container, id, graceOf(pod), `Stopping container ${name}`)) || some;
    }
    return some;
  }

  #memoryOf({ metadata: { uid = '' } }: Pod): PodMemory {
    const known = this.#memories.get(uid) ?? noMemory();
    this.#memories.set(uid, known);
    return known;
  }

  #poke(key: string): void {
    for (const look of this.#listeners) look(key);
  }
}
