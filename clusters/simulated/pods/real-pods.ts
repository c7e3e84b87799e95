import type { Socket } from 'node:net';
import type { Clock } from '../clock.ts';
import { type Image, findImage } from '../images/image.ts';
import { containerOf, statusesOf } from '../kubernetes/kubelet/container-status.ts';
import type { StorageUsage } from '../kubernetes/kubelet/storage-limits.ts';
import type { Container, Pod } from '../kubernetes/model/generated/objects.ts';
import { capabilitiesWithin } from './capabilities.ts';
import type { ContainerCalls } from './container-calls.ts';
import { launchOf } from './launch.ts';
import type { ModelledServers } from './modelled-servers.ts';
import { nodeFilesOf } from './network-files.ts';
import type { PlayedImages } from './played-images.ts';
import { PodPlace } from './pod-place.ts';
import { RealContainer } from './real-container.ts';
import type { ImageCommands, PodSandboxes, SandboxedPod } from './sandbox.ts';
import type { RuntimeHandlers } from './runtime-handlers.ts';
import type { Profile } from '../tools/apparmor/profile.ts';
import { confinementOf, holdingProfileOf, namesOwnProfile } from './security-profiles.ts';
import type { PodSources } from './sources.ts';
import { storageUsedBy } from './storage-used.ts';

export interface RealPodsOptions {
  readonly clock: Clock;
  readonly sources: PodSources;
  readonly images: readonly Image[];
  readonly servers: ModelledServers;
  readonly sandboxes: () => Promise<PodSandboxes>;
  readonly played: PlayedImages;
  readonly calls: ContainerCalls;
  readonly runtimes: RuntimeHandlers;
  /** What of a container's image is modelled beside its server. */
  readonly commandsOf: (pod: Pod, container: Container, image: Image, containerID: string) => ImageCommands | undefined;
  /** Hears of a run whose process has ended. */
  readonly ended: (pod: Pod, container: string, run: RealContainer) => void;
}

interface RealPod {
  readonly key: string;
  readonly address: string | undefined;
  readonly place: Promise<PodPlace>;
  /** Its place could not be made: another one is tried when somebody asks again. */
  isPlaceless: boolean;
  readonly containers: Map<string, RealContainer>;
  /** The run before, by container. */
  readonly previous: Map<string, RealContainer>;
  /** Ports on which modelled servers listen inside the sandbox. */
  readonly open: Map<number, Disposable | undefined>;
  opening: Promise<void>;
  /** When its volumes are to be looked after. */
  refresh: Disposable | undefined;
}

const SIGKILL = 9;

/** From a change of a ConfigMap, a Secret or a label until the files of volumes follow. */
const REFRESH_MS = 2000;

/** The pods of a lab that have a sandbox, and the runs of their containers. */
export class RealPods {
  readonly #options: RealPodsOptions;
  readonly #pods = new Map<string, RealPod>();
  /** Sandboxes on their way out, by the address that they still have: the kubelet may give it to another pod already. */
  readonly #leaving = new Map<string, Promise<void>>();

  constructor(options: RealPodsOptions) {
    this.#options = options;
  }

  /** `namespace/name` of each. */
  keys(): readonly string[] {
    return [...this.#pods.values()].map(({ key }) => key);
  }

  /** That run of a container, begun if it is a new one. */
  begin(pod: Pod, container: Container, image: Image, containerID: string): RealContainer {
    const real = this.#podOf(pod);
    const known = real.containers.get(container.name);
    if (known?.id === containerID) return known;
    if (known !== undefined) real.previous.set(container.name, known);
    const { clock, sources, ended, sandboxes, calls, runtimes, commandsOf } = this.#options;
    calls.begins(pod, container, image, containerID);
    const begun = new RealContainer(
      containerID,
      () => clock.now(),
      async () => {
        const place = await real.place;
        const among = await place.among(pod, container, async (name) => {
          const target = await this.running(pod, name);
          return (await target.started).process;
        });
        const sandbox = runtimes.sandboxOf(pod);
        const { allowed, ...confinement } = await confinementOf(pod, container, await sandboxes(), sandbox);
        const ofNode = await nodeFilesOf(pod, await sandboxes());
        const asked = launchOf(pod, container, image, { sources, volumes: await place.volumes(pod), ofNode });
        const commands = commandsOf(pod, container, image, containerID);
        const capabilities =
          allowed === undefined ? asked.capabilities : capabilitiesWithin(asked.capabilities, allowed);
        const launch = { ...asked, ...confinement, capabilities, id: containerID, commands };
        return place.start(container, among === undefined ? launch : { ...launch, among });
      },
    );
    begun.started.catch(() => undefined); // whoever asks hears of it
    real.containers.set(container.name, begun);
    void begun.ended.then(() => ended(pod, container.name, begun));
    return begun;
  }

  /**
   * Has that run of a container a process too, whose course nothing depends on, so that it is seen on its node. One that cannot be started, or
   * is one too many, stays unseen. Resolves when it is there.
   */
  async show(pod: Pod, container: Container, image: Image, containerID: string): Promise<void> {
    const containers = this.#podOf(pod).containers;
    if (containers.get(container.name)?.id === containerID) return;
    const sandboxes = await this.#options.sandboxes().catch(() => undefined);
    if (sandboxes?.isFull !== false || this.#pods.get(pod.metadata.uid ?? '')?.containers !== containers) return;
    const run = this.begin(pod, container, image, containerID);
    await run.started.catch(() => {
      if (containers.get(container.name) === run) containers.delete(container.name);
    });
  }

  /** Ends the process that is seen of a modelled program which has ended. */
  end(pod: Pod, name: string, containerID: string, exitCode: number): void {
    const run = this.runOf(pod, name, containerID);
    run?.endWith(exitCode);
    void run?.signal(SIGKILL);
  }

  /** The present run of a container that its pod's status calls running; begun if need be. Rejects with the reason. */
  async running(pod: Pod, name: string): Promise<RealContainer> {
    const container = containerOf(pod, name);
    const status = statusesOf(pod.status).find((one) => one.name === name);
    const image = findImage(this.#options.images, container?.image ?? '');
    if (
      container === undefined ||
      status?.containerID === undefined ||
      status.state?.running === undefined ||
      image === undefined
    )
      throw new Error(`container not found ("${name}")`);
    const real = this.begin(pod, container, image, status.containerID);
    await real.started;
    return real;
  }

  /** That run of a container, the present one or the one before; begins nothing. */
  runOf(pod: Pod, name: string, containerID: string): RealContainer | undefined {
    const real = this.#pods.get(pod.metadata.uid ?? '');
    return [real?.containers.get(name), real?.previous.get(name)].find((run) => run?.id === containerID);
  }

  /** The newest run of a container that has not ended. */
  presentRun(pod: Pod, name: string): Promise<RealContainer> | undefined {
    const run = this.#pods.get(pod.metadata.uid ?? '')?.containers.get(name);
    return run === undefined || run.exit !== undefined ? undefined : Promise.resolve(run);
  }

  /** Connects to a port inside the pod's own network; undefined when the pod has no sandbox or nothing listens there. */
  async dial(pod: Pod, port: number, signal: AbortSignal): Promise<Socket | undefined> {
    const place = await this.#pods.get(pod.metadata.uid ?? '')?.place.catch(() => undefined);
    const socket = await place?.sandbox.dial('127.0.0.1', port, signal);
    return typeof socket === 'number' ? undefined : socket;
  }

  /** Connects from the pod's network to any address: a socket, or the number of the system's error; undefined on abort. */
  async dialFrom(pod: Pod, address: string, port: number, signal: AbortSignal): Promise<Socket | number | undefined> {
    const { sandbox } = await this.#podOf(pod).place;
    return sandbox.dial(address, port, signal);
  }

  async sandboxOf(pod: Pod): Promise<SandboxedPod> {
    return (await this.#podOf(pod).place).sandbox;
  }

  /** The AppArmor profile of its node's that holds a container to something; undefined where there is none. */
  async profileOf(pod: Pod, container: Container): Promise<Profile | undefined> {
    if (!namesOwnProfile(pod, container)) return undefined;
    const sandboxes = await this.#options.sandboxes().catch(() => undefined);
    return sandboxes && holdingProfileOf(pod, container, sandboxes);
  }

  /** Resolves when what is modelled of a pod listens in its sandbox, if it has one. */
  async opened({ metadata: { uid = '' } }: Pod): Promise<void> {
    await this.#pods.get(uid)?.opening;
  }

  /** What the pod has written to its node's disk; undefined for one that has no sandbox. */
  async storageUsed(pod: Pod): Promise<StorageUsage | undefined> {
    const real = this.#pods.get(pod.metadata.uid ?? '');
    const place = await real?.place.catch(() => undefined);
    return real && place && storageUsedBy(pod, place.sandbox, real.containers);
  }

  /** Lets what is modelled or played of a pod listen in its sandbox, which is made for that if it has something to listen with. */
  serve(pod: Pod): void {
    const { servers, played } = this.#options;
    const listening = new Map<number, (socket: Socket) => void>(played.listening(pod));
    for (const port of servers.listening(pod).keys())
      listening.set(port, (socket) => {
        if (!servers.accept(pod, port, socket)) socket.resetAndDestroy();
      });
    const isPlaced = this.#pods.get(pod.metadata.uid ?? '')?.isPlaceless === false;
    if (listening.size === 0 && !isPlaced) return;
    const real = this.#podOf(pod);
    real.opening = real.opening.then(() => openOnly(real, listening)).catch(() => undefined); // it has no place
  }

  refreshLater(pod: Pod, current: () => Pod | undefined): void {
    const real = this.#pods.get(pod.metadata.uid ?? '');
    if (real === undefined || real.refresh !== undefined || (pod.spec.volumes ?? []).length === 0) return;
    real.refresh = this.#options.clock.after(REFRESH_MS, () => {
      real.refresh = undefined;
      const now = current();
      if (now === undefined) return;
      void real.place.then(
        (place) => place.refresh(now),
        () => undefined, // it has no place
      );
    });
  }

  remove(uid: string): void {
    const real = this.#pods.get(uid);
    if (real === undefined) return;
    this.#pods.delete(uid);
    real.refresh?.[Symbol.dispose]();
    const end = async (): Promise<void> => {
      await Promise.all([...real.containers.values()].map((container) => container.signal(SIGKILL)));
      await (await real.place)[Symbol.asyncDispose]();
    };
    const left = end().catch(() => undefined); // it never had a place
    const { address } = real;
    if (address === undefined) return;
    this.#leaving.set(address, left);
    void left.then(() => this.#leaving.get(address) === left && this.#leaving.delete(address));
  }

  clear(): void {
    for (const { refresh } of this.#pods.values()) refresh?.[Symbol.dispose]();
    this.#pods.clear();
  }

  #podOf(pod: Pod): RealPod {
    const uid = pod.metadata.uid ?? '';
    const known = this.#pods.get(uid);
    if (known?.isPlaceless === false) return known;
    const real: RealPod = {
      key: `${pod.metadata.namespace ?? ''}/${pod.metadata.name}`,
      address: pod.spec.hostNetwork === true ? undefined : pod.status.podIP,
      place: this.#makePlace(pod),
      isPlaceless: false,
      containers: known?.containers ?? new Map(),
      previous: known?.previous ?? new Map(),
      open: new Map(),
      opening: Promise.resolve(),
      refresh: undefined,
    };
    real.place.catch(() => (real.isPlaceless = true));
    this.#pods.set(uid, real);
    // A pod that gets its sandbox because somebody looks into it has its servers in it too.
    if (pod.spec.hostNetwork !== true) this.serve(pod);
    return real;
  }

  async #makePlace(pod: Pod): Promise<PodPlace> {
    const { sources, clock, sandboxes } = this.#options;
    const made = await sandboxes();
    if (pod.spec.hostNetwork !== true) await this.#leaving.get(pod.status.podIP ?? '');
    return PodPlace.make(pod, { sandboxes: made, sources, clock });
  }
}

async function openOnly(real: RealPod, listening: ReadonlyMap<number, (socket: Socket) => void>): Promise<void> {
  const { sandbox } = await real.place;
  for (const [port, open] of real.open) {
    if (listening.has(port)) continue;
    open?.[Symbol.dispose]();
    real.open.delete(port);
  }
  for (const [port, accept] of listening)
    if (!real.open.has(port)) real.open.set(port, await sandbox.serve(port, accept));
}
