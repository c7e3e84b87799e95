import { findImage, type Image } from '../../images/image.ts';
import { writeStatus } from '../controllers/status.ts';
import type { Container, ContainerStatus, Pod, PodStatus } from '../model/generated/objects.ts';
import type { Cluster } from '../store/cluster.ts';
import type { Rejection } from './admit.ts';
import type { ContainerRuntime } from './container-runtime.ts';
import { containerOf, stamp, statusesOf } from './container-status.ts';
import type { ContainerStops } from './container-stops.ts';
import type { RecordAll } from './pod-events.ts';
import { lastStatus } from './pod-end.ts';
import { type Process, processOf } from './process.ts';

export interface PodEndsOptions {
  readonly cluster: Cluster;
  readonly record: RecordAll;
  readonly images: readonly Image[];
  readonly runtime: ContainerRuntime | undefined;
  readonly stops: ContainerStops;
}

const DEADLINE = {
  reason: 'DeadlineExceeded',
  message: 'Pod was active on the node longer than the specified deadline',
};

/** What is left to a pod that is evicted for what it has written (immediateEvictionGracePeriodSeconds). */
const EVICTION_GRACE_MS = 1000;

/** A pod's grace period in milliseconds. */
export const graceOf = ({ spec }: Pod): number => (spec.terminationGracePeriodSeconds ?? 30) * 1000;

/** How pods and their containers come to their end (pkg/kubelet/kubelet.go SyncTerminatingPod, SyncTerminatedPod). */
export class PodEnds {
  readonly #options: PodEndsOptions;

  constructor(options: PodEndsOptions) {
    this.#options = options;
  }

  /** Asks what still runs of a deleted pod to end; once nothing does, the pod goes. */
  async terminate(pod: Pod): Promise<number | undefined> {
    const { cluster } = this.#options;
    const grace = Date.parse(pod.metadata.deletionTimestamp ?? '') - cluster.clock.now();
    if (!(await this.#shutDown(pod, Math.max(0, grace)))) return undefined;
    // Who holds the pod by a finalizer (a Job) learns from its status how it ended.
    if ((pod.metadata.finalizers ?? []).length > 0) await this.#write(pod, this.#lastStatus(pod));
    await cluster.delete(cluster.resource('pods'), pod.metadata.namespace ?? '', pod.metadata.name, {
      gracePeriodSeconds: 0,
      ...(pod.metadata.uid === undefined ? {} : { uid: pod.metadata.uid }),
    });
    return undefined;
  }

  /** pkg/kubelet/active_deadline.go. */
  async pastDeadline(pod: Pod): Promise<undefined> {
    const said = { type: 'Normal', ...DEADLINE } as const;
    const isFirst = !statusesOf(pod.status).some(({ containerID = '' }) => this.#options.stops.isStopping(containerID));
    if (isFirst) await this.#options.record(pod, [said]);
    if (await this.#shutDown(pod, graceOf(pod))) await this.#fail(pod, DEADLINE);
    return undefined;
  }

  /** Ends a pod that takes more of its node than it may (pkg/kubelet/eviction/eviction_manager.go evictPod). */
  async evict(pod: Pod, message: string): Promise<undefined> {
    const isFirst = !statusesOf(pod.status).some(({ containerID = '' }) => this.#options.stops.isStopping(containerID));
    if (isFirst) await this.#options.record(pod, [{ type: 'Warning', reason: 'Evicted', message }]);
    if (!(await this.#shutDown(pod, EVICTION_GRACE_MS))) return;
    const lastTransitionTime = stamp(this.#options.cluster.clock.now());
    const disruption = {
      type: 'DisruptionTarget',
      status: 'True',
      reason: 'TerminationByKubelet',
      message,
      lastTransitionTime,
    };
    const conditions = [...(pod.status.conditions ?? []), disruption];
    await this.#fail({ ...pod, status: { ...pod.status, conditions } }, { reason: 'Evicted', message });
  }

  /** A pod that the kubelet does not take has failed for good (kubelet.go rejectPod). */
  async reject(pod: Pod, { reason, message }: Rejection): Promise<undefined> {
    await this.#options.record(pod, [{ type: 'Warning', reason, message }]);
    const startTime = stamp(this.#options.cluster.clock.now());
    await this.#write(pod, {
      ...pod.status,
      phase: 'Failed',
      reason,
      message: `Pod was rejected: ${message}`,
      startTime,
    });
  }

  async #fail(pod: Pod, why: { reason: string; message: string }): Promise<void> {
    const last = this.#lastStatus(pod);
    const conditions = (last.conditions ?? []).map((condition) =>
      ['Ready', 'ContainersReady'].includes(condition.type) && condition.status === 'True'
        ? {
            ...condition,
            status: 'False',
            reason: 'PodFailed',
            lastTransitionTime: stamp(this.#options.cluster.clock.now()),
          }
        : condition,
    );
    await this.#write(pod, { ...last, conditions, phase: 'Failed', ...why });
  }

  /** Ends the ordinary containers, then the sidecars. True when none is left. `grace` in milliseconds. */
  async #shutDown(pod: Pod, grace: number): Promise<boolean> {
    const sidecars = new Set((pod.spec.initContainers ?? []).map(({ name }) => name));
    const alive = (which: (name: string) => boolean): ContainerStatus[] =>
      statusesOf(pod.status ?? {}).filter((status) => which(status.name) && this.#isAlive(pod, status));
    for (const which of [(name: string) => !sidecars.has(name), (name: string) => sidecars.has(name)]) {
      for (const { name, containerID: id = '' } of alive(which)) {
        const container = containerOf(pod, name);
        if (container !== undefined) await this.end(pod, container, id, grace, `Stopping container ${name}`);
      }
      if (alive(which).length > 0) return false;
    }
    return true;
  }

  #isAlive(pod: Pod, { name, state, containerID = '' }: ContainerStatus): boolean {
    const container = containerOf(pod, name);
    if (state?.running === undefined || container === undefined) return false;
    return this.runOf(pod, container, containerID)?.goes !== 'to its end';
  }

  /** Begins to end a running container; `grace` in milliseconds. False when that has begun before. */
  async end(pod: Pod, container: Container, id: string, grace: number, message: string): Promise<boolean> {
    const image = findImage(this.#options.images, container.image ?? '');
    if (!this.#options.stops.begin({ pod, container, image, id, grace })) return false;
    await this.#options.record(pod, [{ type: 'Normal', reason: 'Killing', message, container: container.name }]);
    return true;
  }

  #lastStatus(pod: Pod): PodStatus {
    return lastStatus(
      pod,
      (container, id) => this.runOf(pod, container, id) ?? this.#foretold(container),
      this.#options.cluster.clock.now(),
    );
  }

  /** How a run goes that really runs or was told to end. */
  runOf(pod: Pod, container: Container, id: string): Process | undefined {
    const { images, runtime } = this.#options;
    const image = findImage(images, container.image ?? '');
    return this.#options.stops.processOf(id) ?? (image && runtime?.processOf(pod, container, image, id));
  }

  #foretold(container: Container): Process | undefined {
    const image = findImage(this.#options.images, container.image ?? '');
    return image && processOf(container, image);
  }

  #write(pod: Pod, status: PodStatus): Promise<void> {
    const { cluster } = this.#options;
    return writeStatus(cluster, cluster.resource('pods'), pod, status, 'kubelet');
  }
}
