import { duplexPair, type Duplex } from 'node:stream';
import type { Clock } from '../clock.ts';
import type { Image } from '../images/image.ts';
import type { ContainerRuntime } from '../kubernetes/kubelet/container-runtime.ts';
import type { Container, Pod } from '../kubernetes/model/generated/objects.ts';
import type { Cluster } from '../kubernetes/store/cluster.ts';
import { joinNetwork } from '../network/cluster-network.ts';
import type { ProxiedNode } from '../network/proxied-node.ts';
import type { ContainerEvents } from '../tools/falco/events.ts';
import { runCommand } from './command.ts';
import { ContainerCalls } from './container-calls.ts';
import { currentPod } from './current-pod.ts';
import { imageCommands } from './image-commands.ts';
import { JoinedSandboxes } from './joined-sandboxes.ts';
import { KubeletRuntime } from './kubelet-runtime.ts';
import type { LogRing } from './log-ring.ts';
import { type GivenContext, modelContext } from './model-context.ts';
import { ModelledServers } from './modelled-servers.ts';
import { type PlayedImage, PlayedImages } from './played-images.ts';
import type { RealContainer } from './real-container.ts';
import { RealPods } from './real-pods.ts';
import { followSources } from './refresh.ts';
import { RuntimeHandlers } from './runtime-handlers.ts';
import type { PodSandboxes } from './sandbox.ts';
import type { PodSources } from './sources.ts';

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

const DIAL_MS = 5000;

/**
 * The containers of a lab that run: as processes (real-pods.ts), as models of their images' programs (modelled-servers.ts) or as
 * programs that the lab itself plays (played-images.ts). The kubelet asks how they go (kubelet-runtime.ts); whoever looks into a
 * container makes it run if it did not yet (see for-real.ts for which wait). The file is longer than most: it puts together what each has
 * but a part of, and asks each in its turn.
 */
export class PodRuntime implements Disposable {
  readonly runtimes: RuntimeHandlers;
  readonly #cluster: Cluster;
  readonly #servers: ModelledServers;
  readonly #played: PlayedImages;
  readonly #sandboxes: JoinedSandboxes;
  readonly #real: RealPods;
  readonly #forKubelet: KubeletRuntime;
  readonly #watching: Disposable;
  readonly #calls: ContainerCalls;
  /** Nodes into which somebody has looked. */
  readonly #shown = new Set<string>();

  constructor(options: PodRuntimeOptions) {
    const { cluster, clock, images, sources, nodes, newId, log } = options;
    this.#cluster = cluster;
    this.runtimes = new RuntimeHandlers(cluster);
    this.#calls = new ContainerCalls(() => clock.now());
    const now = (): number => clock.now();
    const contextOf = (pod: Pod, container: Container, image: Image): GivenContext =>
      modelContext(pod, container, image, {
        cluster,
        sources,
        now,
        after: (ms, what) => clock.after(ms, what),
        real: this.#real,
        calls: this.#calls,
      });
    this.#servers = new ModelledServers({
      now,
      context: contextOf,
      changed: (pod) => {
        if (this.#sandboxes.isJoined) this.#place(pod);
        this.#forKubelet.changed(pod);
      },
      ended: (...run) => this.#real.end(...run),
    });
    this.#played = new PlayedImages(images, this.#servers);
    // Once anything runs, Services lead somewhere, and the modelled servers of the cluster are on the network too.
    this.#sandboxes = new JoinedSandboxes({
      sandboxes: async () => {
        const sandboxes = await options.sandboxes();
        this.#calls.attach(sandboxes);
        return sandboxes;
      },
      join: (sandboxes) =>
        joinNetwork({
          cluster,
          sandboxes,
          nodes,
          now,
          after: (ms, what) => clock.after(ms, what),
          newSecret: newId,
          sandboxOf: (pod) => this.#real.places.sandboxOf(pod),
          hearing: async (pod) => {
            await this.#servers.settled(pod);
            return this.#servers.hearing(pod);
          },
          seen: (pod) => {
            this.#place(pod);
            this.#forKubelet.resume(pod);
          },
          log,
        }),
    });
    this.#real = new RealPods({
      clock,
      sources,
      images,
      servers: this.#servers,
      sandboxes: () => this.#sandboxes.get(),
      played: this.#played,
      calls: this.#calls,
      runtimes: this.runtimes,
      commandsOf: (pod, container, image, id) =>
        imageCommands(
          image,
          contextOf(pod, container, image),
          async () => {
            await this.#servers.settled(pod); // a container counts as running a little before its server has begun
            return this.#servers.ownServerOf(pod, container.name, id);
          },
          (error) => log(`a program of ${image.repository}: ${error instanceof Error ? error.message : String(error)}`),
        ),
      ended: (pod, container, { id, exit }) => {
        this.#servers.stop(pod, container, id, exit?.exitCode);
        this.#forKubelet.changed(pod);
      },
    });
    this.#forKubelet = new KubeletRuntime({
      cluster,
      clock,
      images,
      sources,
      sandboxes: this.#sandboxes,
      servers: this.#servers,
      real: this.#real,
      calls: this.#calls,
      runtimes: this.runtimes,
      answered: (pod, port) => this.#answered(pod, port),
      isShown: (node) => this.#shown.has(node),
    });
    this.#watching = followSources(cluster, {
      changed: (pod) => this.#real.places.refreshLater(pod, () => currentPod(cluster, pod)),
      gone: (pod) => {
        this.#servers.remove(pod.metadata.uid ?? '');
        this.#real.remove(pod.metadata.uid ?? '');
        this.#calls.remove(pod.metadata.uid ?? '');
      },
      pods: () => this.#real.places.keys(),
    });
  }

  /** What happens in the containers. */
  get events(): ContainerEvents {
    return this.#calls;
  }

  get forKubelet(): ContainerRuntime {
    return this.#forKubelet;
  }

  /** The present run of a container that its pod's status calls running; started if need be. Rejects with the reason. */
  async running(pod: Pod, name: string): Promise<RealContainer> {
    const run = await this.#real.running(pod, name);
    if (pod.spec.hostPID === true) await this.show(pod.spec.nodeName ?? '');
    return run;
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

  /** Connects to a port of the pod: to what really listens inside of it, else to what the lab itself answers there. */
  async connect(pod: Pod, port: number): Promise<Duplex | undefined> {
    const real = await this.#real.places.dial(pod, port, AbortSignal.timeout(DIAL_MS));
    return real ?? this.#answered(pod, port);
  }

  /** From now on an image's own program answers so, wherever it runs. */
  play(repository: string, program: PlayedImage): void {
    this.#played.play(repository, program);
  }

  /**
   * From now on whatever runs in the pods of a node is a process, which the node sees. Resolves when what runs there now is, as far as it can
   * be; components of the control plane are their node's own processes.
   */
  async show(node: string): Promise<void> {
    this.#shown.add(node);
    await this.join().catch(() => undefined); // where nothing can run nothing is seen
    for (const pod of this.#cluster.list(this.#cluster.resource('pods')) as readonly Pod[])
      if (pod.spec.nodeName === node) await this.#forKubelet.show(pod);
  }

  /** Puts the cluster on the lab's network. Rejects where there is none. */
  async join(): Promise<void> {
    await this.#sandboxes.get();
  }

  /** Resolves when the network is as the cluster says by now, and the pods that are up can be reached. Rejects where there is none. */
  async settled(): Promise<void> {
    await this.join();
    const pods = this.#cluster.list(this.#cluster.resource('pods')) as readonly Pod[];
    await Promise.all(pods.filter(isUp).map((pod) => this.placed(pod)));
    await this.#sandboxes.settled();
  }

  /** Where containers of others than the cluster run: beside its pods, on the same network. Rejects where there is none. */
  sandboxes(): Promise<PodSandboxes> {
    return this.#sandboxes.get();
  }

  /** Resolves when whatever listens in a pod can be reached at its address. Rejects where there is no network. */
  async placed(pod: Pod): Promise<void> {
    await this.join();
    await this.#servers.settled(pod);
    this.#place(pod);
    await this.#real.places.opened(pod);
  }

  /** Forgets everything: the lab's sandboxes are gone, and new ones are asked for when they are needed. */
  clear(): void {
    this.#sandboxes.clear();
    this.#servers.clear();
    this.#real.places.clear();
    this.#calls.clear();
    this.#shown.clear();
  }

  [Symbol.dispose](): void {
    this.#watching[Symbol.dispose]();
    this.clear();
  }

  /** A connection to a modelled server of the pod, else to a program of it that is played. */
  #answered(pod: Pod, port: number): Duplex | undefined {
    const [ours, theirs] = duplexPair();
    if (this.#servers.accept(pod, port, theirs)) return ours;
    const accept = this.#played.listening(pod).get(port);
    accept?.(theirs);
    return accept === undefined ? undefined : ours;
  }

  #place(pod: Pod): void {
    if (isUp(pod)) this.#real.places.serve(pod);
  }
}

const isUp = ({ metadata, spec, status }: Pod): boolean =>
  status.podIP !== undefined &&
  status.phase === 'Running' &&
  spec.hostNetwork !== true &&
  metadata.deletionTimestamp === undefined;
