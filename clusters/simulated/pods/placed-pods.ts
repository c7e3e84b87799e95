import type { Socket } from 'node:net';
import type { Clock } from '../clock.ts';
import type { Pod } from '../kubernetes/model/generated/objects.ts';
import type { ModelledServers } from './modelled-servers.ts';
import type { PlayedImages } from './played-images.ts';
import { PodPlace } from './pod-place.ts';
import type { RealContainer } from './real-container.ts';
import type { PodSandboxes, SandboxedPod } from './sandbox.ts';
import type { PodSources } from './sources.ts';

export interface PlacedPodsOptions {
  readonly clock: Clock;
  readonly sources: PodSources;
  readonly servers: ModelledServers;
  readonly sandboxes: () => Promise<PodSandboxes>;
  readonly played: PlayedImages;
}

/** A pod that has a sandbox, or is about to. */
export interface PlacedPod {
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

/** From a change of a ConfigMap, a Secret or a label until the files of volumes follow. */
const REFRESH_MS = 2000;

/** The pods of a lab by their sandboxes: where each is, what of it listens there, and its volumes' upkeep. */
export class PlacedPods {
  readonly #options: PlacedPodsOptions;
  readonly #pods = new Map<string, PlacedPod>();
  /** Sandboxes on their way out, by the address that they still have: the kubelet may give it to another pod already. */
  readonly #leaving = new Map<string, Promise<void>>();

  constructor(options: PlacedPodsOptions) {
    this.#options = options;
  }

  /** `namespace/name` of each. */
  keys(): readonly string[] {
    return [...this.#pods.values()].map(({ key }) => key);
  }

  /** The pod as it is known; makes nothing. */
  known({ metadata: { uid = '' } }: Pod): PlacedPod | undefined {
    return this.#pods.get(uid);
  }

  /** The pod, with a sandbox that is made if it has none. */
  of(pod: Pod): PlacedPod {
    const uid = pod.metadata.uid ?? '';
    const known = this.#pods.get(uid);
    if (known?.isPlaceless === false) return known;
    const real: PlacedPod = {
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
    const real = this.of(pod);
    real.opening = real.opening.then(() => openOnly(real, listening)).catch(() => undefined); // it has no place
  }

  /** Resolves when what is modelled of a pod listens in its sandbox, if it has one. */
  async opened({ metadata: { uid = '' } }: Pod): Promise<void> {
    await this.#pods.get(uid)?.opening;
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

  /** Connects to a port inside the pod's own network; undefined when the pod has no sandbox or nothing listens there. */
  async dial(pod: Pod, port: number, signal: AbortSignal): Promise<Socket | undefined> {
    const place = await this.known(pod)?.place.catch(() => undefined);
    const socket = await place?.sandbox.dial('127.0.0.1', port, signal);
    return typeof socket === 'number' ? undefined : socket;
  }

  /** Connects from the pod's network to any address: a socket, or the number of the system's error; undefined on abort. */
  async dialFrom(pod: Pod, address: string, port: number, signal: AbortSignal): Promise<Socket | number | undefined> {
    const { sandbox } = await this.of(pod).place;
    return sandbox.dial(address, port, signal);
  }

  async sandboxOf(pod: Pod): Promise<SandboxedPod> {
    return (await this.of(pod).place).sandbox;
  }

  /** Forgets a pod and ends its sandbox, after its containers. */
  remove(uid: string, endContainers: (pod: PlacedPod) => Promise<void>): void {
    const real = this.#pods.get(uid);
    if (real === undefined) return;
    this.#pods.delete(uid);
    real.refresh?.[Symbol.dispose]();
    const end = async (): Promise<void> => {
      await endContainers(real);
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

  async #makePlace(pod: Pod): Promise<PodPlace> {
    const { sources, clock, sandboxes } = this.#options;
    const made = await sandboxes();
    if (pod.spec.hostNetwork !== true) await this.#leaving.get(pod.status.podIP ?? '');
    return PodPlace.make(pod, { sandboxes: made, sources, clock });
  }
}

async function openOnly(real: PlacedPod, listening: ReadonlyMap<number, (socket: Socket) => void>): Promise<void> {
  const { sandbox } = await real.place;
  for (const [port, open] of real.open) {
    if (listening.has(port)) continue;
    open?.[Symbol.dispose]();
    real.open.delete(port);
  }
  for (const [port, accept] of listening)
    if (!real.open.has(port)) real.open.set(port, await sandbox.serve(port, accept));
}
