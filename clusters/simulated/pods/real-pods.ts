import { type Image, findImage } from '../images/image.ts';
import { containerOf, statusesOf } from '../kubernetes/kubelet/container-status.ts';
import type { StorageUsage } from '../kubernetes/kubelet/storage-limits.ts';
import type { Container, Pod } from '../kubernetes/model/generated/objects.ts';
import { capabilitiesWithin } from './capabilities.ts';
import type { ContainerCalls } from './container-calls.ts';
import { launchOf } from './launch.ts';
import { nodeFilesOf } from './network-files.ts';
import { PlacedPods, type PlacedPodsOptions } from './placed-pods.ts';
import { RealContainer } from './real-container.ts';
import type { ImageCommands } from './sandbox.ts';
import type { RuntimeHandlers } from './runtime-handlers.ts';
import type { Profile } from '../tools/apparmor/profile.ts';
import { confinementOf, holdingProfileOf, namesOwnProfile } from './security-profiles.ts';
import { storageUsedBy } from './storage-used.ts';

export interface RealPodsOptions extends PlacedPodsOptions {
  readonly images: readonly Image[];
  readonly calls: ContainerCalls;
  readonly runtimes: RuntimeHandlers;
  /** What of a container's image is modelled beside its server. */
  readonly commandsOf: (pod: Pod, container: Container, image: Image, containerID: string) => ImageCommands | undefined;
  /** Hears of a run whose process has ended. */
  readonly ended: (pod: Pod, container: string, run: RealContainer) => void;
}

const SIGKILL = 9;

/** What a server's last workers may take, milliseconds. */
const LAST_WORDS_MS = 100;

/** The runs of the containers of a lab's pods, each in its pod's sandbox. */
export class RealPods {
  readonly #options: RealPodsOptions;
  readonly places: PlacedPods;

  constructor(options: RealPodsOptions) {
    this.#options = options;
    this.places = new PlacedPods(options);
  }

  /** That run of a container, begun if it is a new one. */
  begin(pod: Pod, container: Container, image: Image, containerID: string): RealContainer {
    const real = this.places.of(pod);
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
    const containers = this.places.of(pod).containers;
    if (containers.get(container.name)?.id === containerID) return;
    const sandboxes = await this.#options.sandboxes().catch(() => undefined);
    if (sandboxes?.isFull !== false || this.places.known(pod)?.containers !== containers) return;
    const run = this.begin(pod, container, image, containerID);
    await run.started.catch(() => {
      if (containers.get(container.name) === run) containers.delete(container.name);
    });
  }

  /** Ends the process that is seen of a modelled program which has ended, when whoever told it to in its container could say so. */
  end(pod: Pod, name: string, containerID: string, exitCode: number): void {
    const run = this.runOf(pod, name, containerID);
    if (run === undefined) return;
    run.endWith(exitCode);
    this.#options.clock.after(LAST_WORDS_MS, () => void run.signal(SIGKILL));
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
    const real = this.places.known(pod);
    return [real?.containers.get(name), real?.previous.get(name)].find((run) => run?.id === containerID);
  }

  /** The newest run of a container that has not ended. */
  presentRun(pod: Pod, name: string): Promise<RealContainer> | undefined {
    const run = this.places.known(pod)?.containers.get(name);
    return run === undefined || run.exit !== undefined ? undefined : Promise.resolve(run);
  }

  /** The AppArmor profile of its node's that holds a container to something; undefined where there is none. */
  async profileOf(pod: Pod, container: Container): Promise<Profile | undefined> {
    if (!namesOwnProfile(pod, container)) return undefined;
    const sandboxes = await this.#options.sandboxes().catch(() => undefined);
    return sandboxes && holdingProfileOf(pod, container, sandboxes);
  }

  /** What the pod has written to its node's disk; undefined for one that has no sandbox. */
  async storageUsed(pod: Pod): Promise<StorageUsage | undefined> {
    const real = this.places.known(pod);
    const place = await real?.place.catch(() => undefined);
    return real && place && storageUsedBy(pod, place.sandbox, real.containers);
  }

  remove(uid: string): void {
    this.places.remove(uid, async ({ containers }) => {
      await Promise.all([...containers.values()].map((container) => container.signal(SIGKILL)));
    });
  }
}
