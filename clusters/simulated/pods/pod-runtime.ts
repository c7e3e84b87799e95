import { duplexPair, type Duplex } from 'node:stream';
import type { Clock } from '../clock.ts';
import { type Image, findImage, runsOwnServer } from '../images/image.ts';
import type { ContainerRuntime } from '../kubernetes/kubelet/container-runtime.ts';
import { containerOf, statusesOf } from '../kubernetes/kubelet/container-status.ts';
import type { ProbeOutcome } from '../kubernetes/kubelet/probes/verdict.ts';
import type { Process } from '../kubernetes/kubelet/process.ts';
import type { Container, LifecycleHandler, Pod, PodStatus, Probe } from '../kubernetes/model/generated/objects.ts';
import type { Cluster } from '../kubernetes/store/cluster.ts';
import { runCommand } from './command.ts';
import { containerFiles } from './container-files.ts';
import { resolveName } from '../network/dns/resolve-name.ts';
import { environmentOf } from './environment.ts';
import { argvOf, isForetold, runsFromStart } from './for-real.ts';
import type { LogRing } from './log-ring.ts';
import { ModelledServers } from './modelled-servers.ts';
import { nodePathsOf, unmountedPath } from './node-paths.ts';
import { joinNetwork, objectsOf } from '../network/cluster-network.ts';
import type { ProxiedNode } from '../network/services/service-rules.ts';
import { type ProbedPod, tryProbe } from './probing.ts';
import type { RealContainer } from './real-container.ts';
import { type PlayedImage, RealPods } from './real-pods.ts';
import { followSources } from './refresh.ts';
import type { PodSandboxes } from './sandbox.ts';
import { refusalsOf } from './security-profiles.ts';
import type { PodSources } from './sources.ts';
import { userOf } from './users.ts';

export interface PodRuntimeOptions {
  readonly cluster: Cluster;
  readonly clock: Clock;
  readonly images: readonly Image[];
  readonly sources: PodSources;
  /** The lab's sandboxes, started when first asked for. Rejects with `not simulated: …` where this machine has none. */
  readonly sandboxes: () => Promise<PodSandboxes>;
  readonly nodes: readonly ProxiedNode[];
  readonly newId: () => string;
  readonly log: (line: string) => void;
}

const SIGKILL = 9;

/** A hook may take its time, but not for ever: a pod's grace period ends preStop hooks, nothing else ends the others. */
const HOOK_MS = 120_000;

/** A process is first probed when it has had so long to get going; upstream's probes come up to a period after the start. */
const SETTLE_MS = 1000;

const DIAL_MS = 5000;

/**
 * (More than 250 lines: it is where the kubelet's questions, a learner's and the network's meet; each answer is elsewhere.)
 * The containers of a lab that run: as processes (real-pods.ts) or as models of their images' programs (modelled-servers.ts). The
 * kubelet asks it how they go; whoever looks into a container makes it run if it did not yet (see for-real.ts for which wait).
 */
export class PodRuntime implements ContainerRuntime, Disposable {
  readonly #options: PodRuntimeOptions;
  readonly #real: RealPods;
  readonly #servers: ModelledServers;
  readonly #listeners = new Set<(key: string) => void>();
  readonly #watching: Disposable;
  /** Another one after each `clear`. */
  #world = {};
  #sandboxes: Promise<PodSandboxes> | undefined;
  readonly #played = new Map<string, PlayedImage>();
  #network: AsyncDisposable | undefined;
  /** Why nothing can run on this machine; containers then go as foretold. */
  #impossible: Error | undefined;

  constructor(options: PodRuntimeOptions) {
    this.#options = options;
    const { cluster, clock, images, sources } = options;
    const changed = ({ metadata }: Pod): void => {
      for (const hear of this.#listeners) hear(`${metadata.namespace ?? ''}/${metadata.name}`);
    };
    this.#servers = new ModelledServers({
      now: () => clock.now(),
      context: (pod, container, image) => this.#modelContext(pod, container, image),
      changed: (pod) => {
        if (this.#network !== undefined) this.#place(pod);
        changed(pod);
      },
    });
    this.#real = new RealPods({
      clock,
      sources,
      images,
      servers: this.#servers,
      sandboxes: () => this.#sandboxesOf(),
      played: this.#played,
      ended: changed,
    });
    this.#watching = followSources(cluster, {
      changed: (pod) => this.#real.refreshLater(pod, () => this.#current(pod)),
      gone: (pod) => {
        this.#servers.remove(pod.metadata.uid ?? '');
        this.#real.remove(pod.metadata.uid ?? '');
      },
      pods: () => this.#real.keys(),
    });
  }

  // ---- What the kubelet asks -----------------------------------------------------------------------------------------------------

  processOf(pod: Pod, container: Container, image: Image, containerID: string): Process | undefined {
    if (this.#servers.isModelled(container, image)) {
      // Of a cluster that comes back from a snapshot, what runs was never begun here.
      const isRunning = statusesOf(pod.status).some((one) => one.containerID === containerID && one.state?.running);
      if (isRunning) this.#servers.begin(pod, container, image, containerID);
      return this.#servers.processOf(pod, container.name, containerID) ?? { goes: 'on' };
    }
    const run = this.#real.runOf(pod, container.name, containerID);
    if (run !== undefined)
      return run.exit === undefined ? { goes: 'on' } : { goes: 'to its end', after: 0, ...run.exit };
    return this.#impossible === undefined && runsFromStart(container, image) ? { goes: 'on' } : undefined;
  }

  begun(pod: Pod, status: PodStatus): void {
    const known = new Set(statusesOf(pod.status).map(({ containerID }) => containerID));
    for (const { name, containerID, state } of statusesOf(status)) {
      if (containerID === undefined || known.has(containerID) || state?.running === undefined) continue;
      const container = containerOf(pod, name);
      const image = findImage(this.#options.images, container?.image ?? '');
      if (container === undefined || image === undefined) continue;
      const now = { ...pod, status };
      if (this.#servers.isModelled(container, image)) this.#servers.begin(now, container, image, containerID);
      else if (this.#impossible === undefined && runsFromStart(container, image))
        this.#real.begin(now, container, image, containerID);
    }
  }

  signal(pod: Pod, name: string, containerID: string, signal: number): boolean {
    this.#servers.stop(pod, name, containerID);
    const container = containerOf(pod, name);
    const image = findImage(this.#options.images, container?.image ?? '');
    const run = this.#real.runOf(pod, name, containerID);
    if (run === undefined || run.exit !== undefined || container === undefined || image === undefined) return false;
    const isWaitedFor = runsFromStart(container, image);
    void run.signal(isWaitedFor ? signal : SIGKILL);
    return isWaitedFor;
  }

  async unmounted(pod: Pod): Promise<string | undefined> {
    const { sources } = this.#options;
    if (this.#impossible !== undefined || nodePathsOf(pod, sources).every(({ type }) => type === '')) return undefined;
    try {
      return await unmountedPath(pod, sources, await this.#sandboxesOf());
    } catch {
      return undefined; // where nothing can run nothing is mounted
    }
  }

  refusals(pod: Pod): Promise<ReadonlyMap<string, string>> {
    return refusalsOf(pod, async (path, maxBytes) => {
      const sandboxes = await this.#sandboxesOf().catch(() => undefined);
      return sandboxes?.nodeFile(pod.spec.nodeName ?? '', path, maxBytes);
    });
  }

  async probe(pod: Pod, container: Container, probe: Probe): Promise<ProbeOutcome | undefined> {
    const { clock, images } = this.#options;
    const image = findImage(images, container.image ?? '');
    const waits = probe.exec !== undefined || image === undefined || !this.#servers.isModelled(container, image);
    const since = await this.#runningSince(pod, container.name);
    const left = since + SETTLE_MS - clock.now();
    if (waits && left > 0) await new Promise<void>((resolve) => void clock.after(left, resolve));
    const now = await this.#current(pod);
    if (now === undefined) return undefined;
    return tryProbe(now, container, probe, this.#reach(now, container));
  }

  isForetold(pod: Pod, container: Container, asked: Probe | LifecycleHandler): boolean {
    const { images } = this.#options;
    const image = findImage(images, container.image ?? '');
    if (image === undefined) return true;
    const isModelled = (one: Container, its: Image): boolean => this.#servers.isModelled(one, its);
    if (isForetold(pod, container, asked, { image, images, isModelled })) return true;
    // What is modelled answers on any machine.
    const serves = this.#servers.isModelled(container, image);
    return this.#impossible !== undefined && !(serves && asked.exec === undefined);
  }

  async hook(pod: Pod, container: Container, handler: LifecycleHandler, signal: AbortSignal): Promise<void> {
    if (this.isForetold(pod, container, handler)) return;
    const now = await this.#current(pod);
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

  // ---- What looks into containers asks -------------------------------------------------------------------------------------------

  /** The present run of a container that its pod's status calls running; started if need be. Rejects with the reason. */
  running(pod: Pod, name: string): Promise<RealContainer> {
    return this.#real.running(pod, name);
  }

  /** What that run of a container has written, if it really ran or its program is modelled; starts nothing. */
  logOf(pod: Pod, name: string, containerID: string): LogRing | undefined {
    return (this.#servers.runOf(pod, name, containerID) ?? this.#real.runOf(pod, name, containerID))?.log;
  }

  /** Runs a command in a container; both of its outputs come as one text. Rejects with the reason why it cannot run. */
  async exec(
    pod: Pod,
    name: string,
    argv: readonly string[],
    signal: AbortSignal,
  ): Promise<{ exitCode: number; output: string }> {
    return runCommand(await this.running(pod, name), argv, signal);
  }

  /** Connects to a port of the pod: to what really listens inside of it, else to the modelled server that does. */
  async connect(pod: Pod, port: number): Promise<Duplex | undefined> {
    const real = await this.#real.dial(pod, port, AbortSignal.timeout(DIAL_MS));
    return real ?? this.#modelled(pod, port);
  }

  /** From now on an image's own program answers so, wherever it runs. */
  play(repository: string, program: PlayedImage): void {
    this.#played.set(repository, program);
  }

  /** Puts the cluster on the lab's network. Rejects where there is none. */
  async join(): Promise<void> {
    await this.#sandboxesOf();
  }

  /** Resolves when whatever listens in a pod can be reached at its address. Rejects where there is no network. */
  async placed(pod: Pod): Promise<void> {
    await this.join();
    await this.#servers.settled(pod);
    this.#place(pod);
    await this.#real.opened(pod);
  }

  /** Forgets everything: the lab's sandboxes are gone, and new ones are asked for when they are needed. */
  clear(): void {
    void this.#network?.[Symbol.asyncDispose]();
    this.#network = undefined;
    this.#servers.clear();
    this.#real.clear();
    this.#world = {};
    this.#sandboxes = undefined;
    this.#impossible = undefined;
  }

  [Symbol.dispose](): void {
    this.#watching[Symbol.dispose]();
    this.clear();
  }

  // ---- How ---------------------------------------------------------------------------------------------------------------------------

  /** A connection to a server of the pod that is modelled; one of an image that is only known to listen ends without a word. */
  #modelled(pod: Pod, port: number): Duplex | undefined {
    const [ours, theirs] = duplexPair();
    if (this.#servers.accept(pod, port, theirs)) return ours;
    const { images } = this.#options;
    for (const container of pod.spec.containers ?? []) {
      const image = findImage(images, container.image ?? '');
      if (image === undefined || !image.listens.includes(port) || this.#servers.isModelled(container, image)) continue;
      if (!runsOwnServer(container, image)) continue;
      const program = this.#played.get(image.repository);
      if (program === undefined) theirs.end();
      else program(port, theirs);
      return ours;
    }
    return undefined;
  }

  #modelContext(
    pod: Pod,
    container: Container,
    image: Image,
  ): ReturnType<ConstructorParameters<typeof ModelledServers>[0]['context']> {
    const { cluster, sources } = this.#options;
    const processOf = async (run: Promise<RealContainer> | undefined) =>
      (await (await run?.catch(() => undefined))?.started.catch(() => undefined))?.process;
    return {
      argv: argvOf(container, image),
      env: { HOSTNAME: pod.metadata.name, ...environmentOf(pod, container, sources) },
      files: containerFiles({
        pod,
        container,
        image,
        sources,
        present: () => processOf(this.#real.presentRun(pod, container.name)),
        made: () => processOf(this.#current(pod).then((now) => this.#real.running(now ?? pod, container.name))),
      }),
      uid: userOf(pod, container, image).uid,
      resolve: (host) => Promise.resolve(resolveName(host, pod.metadata.namespace ?? '', objectsOf(cluster))),
      dial: async (address, port, signal) => {
        const now = (await this.#current(pod)) ?? pod;
        const socket = await this.#real.dialFrom(now, address, port, signal).catch(() => undefined);
        return typeof socket === 'number' ? undefined : socket;
      },
    };
  }

  /** The pod as it stands, with the status that it has by now. */
  #current({ metadata: { namespace = '', name, uid } }: Pod): Promise<Pod | undefined> {
    const { cluster } = this.#options;
    const now = cluster.get(cluster.resource('pods'), namespace, name) as Pod | undefined;
    return Promise.resolve(now?.metadata.uid === uid ? now : undefined);
  }

  /** A container's status is written right after the kubelet asks for its first probe. */
  async #runningSince(pod: Pod, name: string): Promise<number> {
    await new Promise((resume) => setImmediate(resume));
    const now = await this.#current(pod);
    const startedAt = statusesOf(now?.status ?? {}).find((one) => one.name === name)?.state?.running?.startedAt;
    return Date.parse(startedAt ?? '') || this.#options.clock.now();
  }

  #reach(pod: Pod, { name }: Container): ProbedPod {
    return {
      exec: (argv, signal) => this.exec(pod, name, argv, signal),
      dial: async (address, port, signal) => {
        // A server that is only starting is waited for, as the kernel would hold the connection.
        if (address === pod.status.podIP) {
          await this.#servers.settled(pod);
          const modelled = this.#modelled(pod, port);
          if (modelled !== undefined) return modelled;
        }
        return this.#real.dialFrom(pod, address, port, signal);
      },
    };
  }

  #sandboxesOf(): Promise<PodSandboxes> {
    const world = this.#world;
    this.#sandboxes ??= this.#join().catch((error: unknown) => {
      const why = error instanceof Error ? error : new Error(String(error));
      if (world === this.#world) this.#impossible = why;
      throw why;
    });
    return this.#sandboxes;
  }

  /** Once anything runs, Services lead somewhere, and the modelled servers of the cluster are on the network too. */
  async #join(): Promise<PodSandboxes> {
    const { cluster, clock, images, nodes, newId, log } = this.#options;
    const sandboxes = await this.#options.sandboxes();
    const world = this.#world;
    const network = await joinNetwork({
      cluster,
      sandboxes,
      images,
      nodes,
      now: () => clock.now(),
      newSecret: newId,
      sandboxOf: (pod) => this.#real.sandboxOf(pod),
      play: (repository, program) => this.play(repository, program),
      seen: (pod) => this.#place(pod),
      log,
    });
    if (world !== this.#world) {
      await network[Symbol.asyncDispose]();
      throw new Error('the lab has started over');
    }
    this.#network = network;
    return sandboxes;
  }

  #place(pod: Pod): void {
    const isUp = pod.status.podIP !== undefined && pod.status.phase === 'Running' && pod.spec.hostNetwork !== true;
    if (isUp && pod.metadata.deletionTimestamp === undefined) this.#real.serve(pod);
  }
}
