import type { Duplex } from 'node:stream';
import type { Clock } from '../clock.ts';
import { componentOf } from '../components/component-of.ts';
import { type Image, findImage } from '../images/image.ts';
import type { ContainerRuntime } from '../kubernetes/kubelet/container-runtime.ts';
import { containerOf, statusesOf } from '../kubernetes/kubelet/container-status.ts';
import type { ProbeOutcome } from '../kubernetes/kubelet/probes/verdict.ts';
import type { StorageUsage } from '../kubernetes/kubelet/storage-limits.ts';
import type { Process } from '../kubernetes/kubelet/process.ts';
import type { Container, LifecycleHandler, Pod, PodStatus, Probe } from '../kubernetes/model/generated/objects.ts';
import type { Cluster } from '../kubernetes/store/cluster.ts';
import { runCommand } from './command.ts';
import type { ContainerCalls } from './container-calls.ts';
import { currentPod } from './current-pod.ts';
import { isForetold, runsFromStart } from './for-real.ts';
import type { JoinedSandboxes } from './joined-sandboxes.ts';
import type { ModelledServers } from './modelled-servers.ts';
import { nodePathsOf, unmountedPath } from './node-paths.ts';
import { type ProbedPod, tryProbe } from './probing.ts';
import type { RealPods } from './real-pods.ts';
import type { RuntimeHandlers } from './runtime-handlers.ts';
import { refusalsOf } from './security-profiles.ts';
import type { PodSources } from './sources.ts';

export interface KubeletRuntimeOptions {
  readonly cluster: Cluster;
  readonly clock: Clock;
  readonly images: readonly Image[];
  readonly sources: PodSources;
  readonly sandboxes: JoinedSandboxes;
  readonly servers: ModelledServers;
  readonly real: RealPods;
  readonly calls: ContainerCalls;
  readonly runtimes: RuntimeHandlers;
  /** Connects to what the lab itself answers on a port of the pod; undefined when that is nothing. */
  readonly answered: (pod: Pod, port: number) => Duplex | undefined;
  /** Whether whatever runs in the pods of a node is to be a process. */
  readonly isShown: (node: string) => boolean;
}

const SIGKILL = 9;

/** A hook may take its time, but not for ever: a pod's grace period ends preStop hooks, nothing else ends the others. */
const HOOK_MS = 120_000;

/** A process is first probed when it has had so long to get going; upstream's probes come up to a period after the start. */
const SETTLE_MS = 1000;

/** What the kubelet asks of a lab's containers: how they go, and how their probes and hooks come out. */
export class KubeletRuntime implements ContainerRuntime {
  readonly #options: KubeletRuntimeOptions;
  readonly #listeners = new Set<(key: string) => void>();

  constructor(options: KubeletRuntimeOptions) {
    this.#options = options;
  }

  processOf(pod: Pod, container: Container, image: Image, containerID: string): Process | undefined {
    const { servers, real, sandboxes } = this.#options;
    if (servers.isModelled(container, image)) {
      // Of a cluster that comes back from a snapshot, what runs was never begun here.
      const isRunning = statusesOf(pod.status).some((one) => one.containerID === containerID && one.state?.running);
      if (isRunning) servers.begin(pod, container, image, containerID);
      return servers.processOf(pod, container.name, containerID) ?? { goes: 'on' };
    }
    const run = real.runOf(pod, container.name, containerID);
    if (run !== undefined)
      return run.exit === undefined ? { goes: 'on' } : { goes: 'to its end', after: 0, ...run.exit };
    return !sandboxes.isImpossible && runsFromStart(container, image) ? { goes: 'on' } : undefined;
  }

  begun(pod: Pod, status: PodStatus): void {
    const { images, servers, real, sandboxes, calls, isShown } = this.#options;
    const known = new Set(statusesOf(pod.status).map(({ containerID }) => containerID));
    for (const { name, containerID, state } of statusesOf(status)) {
      if (containerID === undefined || known.has(containerID) || state?.running === undefined) continue;
      const container = containerOf(pod, name);
      const image = findImage(images, container?.image ?? '');
      if (container === undefined || image === undefined) continue;
      const now = { ...pod, status };
      const isModelled = servers.isModelled(container, image);
      if (!isModelled && !sandboxes.isImpossible && runsFromStart(container, image)) {
        real.begin(now, container, image, containerID);
        continue;
      }
      calls.started(now, container, image, containerID);
      if (isModelled) servers.begin(now, container, image, containerID);
      if (isShown(now.spec.nodeName ?? '')) void real.show(now, container, image, containerID);
    }
  }

  /** Has what the pod's status calls running be processes. */
  async show(pod: Pod): Promise<void> {
    const { images, real } = this.#options;
    if (componentOf(pod) !== undefined) return;
    for (const { name, containerID, state } of statusesOf(pod.status)) {
      const container = containerOf(pod, name);
      const image = findImage(images, container?.image ?? '');
      if (containerID === undefined || state?.running === undefined || container === undefined || image === undefined)
        continue;
      await real.show(pod, container, image, containerID);
    }
  }

  /** Begins what the pod's status calls running and was never begun here: it comes from a snapshot, in which nothing runs. */
  resume(pod: Pod): void {
    const { images, servers, real, sandboxes } = this.#options;
    for (const { name, containerID, state } of statusesOf(pod.status)) {
      const container = containerOf(pod, name);
      const image = findImage(images, container?.image ?? '');
      if (containerID === undefined || state?.running === undefined || container === undefined || image === undefined)
        continue;
      if (real.runOf(pod, name, containerID) !== undefined || servers.isModelled(container, image)) continue;
      if (!sandboxes.isImpossible && runsFromStart(container, image)) real.begin(pod, container, image, containerID);
    }
  }

  signal(pod: Pod, name: string, containerID: string, signal: number): boolean {
    const { images, servers, real } = this.#options;
    servers.stop(pod, name, containerID);
    const container = containerOf(pod, name);
    const image = findImage(images, container?.image ?? '');
    const run = real.runOf(pod, name, containerID);
    if (run === undefined || run.exit !== undefined || container === undefined || image === undefined) return false;
    const isWaitedFor = runsFromStart(container, image);
    void run.signal(isWaitedFor ? signal : SIGKILL);
    return isWaitedFor;
  }

  async unmounted(pod: Pod): Promise<string | undefined> {
    const { sources, sandboxes } = this.#options;
    if (sandboxes.isImpossible || nodePathsOf(pod, sources).every(({ type }) => type === '')) return undefined;
    try {
      return await unmountedPath(pod, sources, await sandboxes.get());
    } catch {
      return undefined; // where nothing can run nothing is mounted
    }
  }

  withoutSandbox(pod: Pod, id: string): string | undefined {
    return this.#options.runtimes.refusal(pod, id);
  }

  refusals(pod: Pod): Promise<ReadonlyMap<string, string>> {
    return refusalsOf(pod, async (path, maxBytes) => {
      const sandboxes = await this.#options.sandboxes.get().catch(() => undefined);
      return sandboxes?.nodeFile(pod.spec.nodeName ?? '', path, maxBytes);
    });
  }

  storageUsed(pod: Pod): Promise<StorageUsage | undefined> {
    return this.#options.real.storageUsed(pod);
  }

  async probe(pod: Pod, container: Container, probe: Probe): Promise<ProbeOutcome | undefined> {
    const { cluster, clock, images, servers } = this.#options;
    const image = findImage(images, container.image ?? '');
    const waits = probe.exec !== undefined || image === undefined || !servers.isModelled(container, image);
    const since = await this.#runningSince(pod, container.name);
    const left = since + SETTLE_MS - clock.now();
    if (waits && left > 0) await new Promise<void>((resolve) => void clock.after(left, resolve));
    const now = currentPod(cluster, pod);
    if (now === undefined) return undefined;
    return tryProbe(now, container, probe, this.#reach(now, container));
  }

  isForetold(pod: Pod, container: Container, asked: Probe | LifecycleHandler): boolean {
    const { images, servers, sandboxes } = this.#options;
    const image = findImage(images, container.image ?? '');
    if (image === undefined) return true;
    const isModelled = (one: Container, its: Image): boolean => servers.isModelled(one, its);
    if (isForetold(pod, container, asked, { image, images, isModelled })) return true;
    // What is modelled answers on any machine.
    const serves = servers.isModelled(container, image);
    return sandboxes.isImpossible && !(serves && asked.exec === undefined);
  }

  async hook(pod: Pod, container: Container, handler: LifecycleHandler, signal: AbortSignal): Promise<void> {
    if (this.isForetold(pod, container, handler)) return;
    const now = currentPod(this.#options.cluster, pod);
    if (now === undefined) return;
    const late = AbortSignal.any([signal, AbortSignal.timeout(HOOK_MS)]);
    const reach = this.#reach(now, container);
    const asked = { ...handler, timeoutSeconds: HOOK_MS / 1000 };
    const outcome = await tryProbe(now, container, asked, { ...reach, exec: (argv) => reach.exec(argv, late) });
    if (!outcome.succeeded) throw new Error(outcome.message);
  }

  subscribe(changed: (key: string) => void): Disposable {
    this.#listeners.add(changed);
    return { [Symbol.dispose]: () => void this.#listeners.delete(changed) };
  }

  /** Tells the kubelet that a process of the pod has ended, or serves by now. */
  changed({ metadata }: Pod): void {
    for (const hear of this.#listeners) hear(`${metadata.namespace ?? ''}/${metadata.name}`);
  }

  /** A container's status is written right after the kubelet asks for its first probe. */
  async #runningSince(pod: Pod, name: string): Promise<number> {
    const { cluster, clock } = this.#options;
    await new Promise((resume) => setImmediate(resume));
    const { status } = currentPod(cluster, pod) ?? {};
    const startedAt = statusesOf(status ?? {}).find((one) => one.name === name)?.state?.running?.startedAt;
    return Date.parse(startedAt ?? '') || clock.now();
  }

  #reach(pod: Pod, { name }: Container): ProbedPod {
    const { servers, real, answered } = this.#options;
    return {
      exec: async (argv, signal) => runCommand(await real.running(pod, name), argv, signal),
      dial: async (address, port, signal) => {
        // A server that is only starting is waited for, as the kernel would hold the connection.
        if (address === pod.status.podIP) {
          await servers.settled(pod);
          const socket = answered(pod, port);
          if (socket !== undefined) return socket;
        }
        return real.places.dialFrom(pod, address, port, signal);
      },
    };
  }
}
