import { createHash } from 'node:crypto';
import type { Clock } from '../../clock.ts';
import type { SimulatedHost } from '../../hosts/simulated-host.ts';
import type { Image } from '../../images/image.ts';
import type { PodSandboxes } from '../../pods/sandbox.ts';
import { BridgeNetwork } from './bridge-network.ts';
import { containerConfig } from './container-config.ts';
import { EngineContainer } from './engine-container.ts';
import { EngineImages } from './engine-images.ts';
import { type ExecConfig, ExecSession, notRunning } from './exec-session.ts';
import { randomName } from './random-name.ts';
import { EngineRefusal } from './refusal.ts';

export interface EngineRequest {
  readonly host: SimulatedHost;
  readonly clock: Clock;
  /** All that can be pulled. */
  readonly images: readonly Image[];
  /** References of those that are there from the start. */
  readonly present: readonly string[];
  /** Where its containers run. Rejects with `not simulated: …` where there is nowhere. */
  readonly sandboxes: () => Promise<PodSandboxes>;
  /** Hears of a modelled program that failed; the learner sees only that it did. */
  readonly fault: (error: unknown) => void;
}

/** Containers and exec sessions that callers may have added; learners and attackers are untrusted. */
const MAX_CONTAINERS = 64;
const MAX_SESSIONS = 256;
/** What `systemctl stop docker` leaves containers to end by themselves. */
const SHUTDOWN_MS = 10_000;

/**
 * One Docker engine: its images, and its containers, which are real (container-run.ts). What they have on the node's disk they really
 * see and change, as root of the node. It lives on while dockerd is stopped.
 */
export class Engine {
  readonly images: EngineImages;
  readonly #request: EngineRequest;
  readonly #network: BridgeNetwork;
  readonly #containers = new Map<string, EngineContainer>();
  readonly #sessions = new Map<string, ExecSession>();
  #settings: Readonly<Record<string, unknown>> = {};
  #made = 0;

  constructor(request: EngineRequest) {
    this.#request = request;
    this.#network = new BridgeNetwork(request.host);
    this.images = new EngineImages(request.images, request.present);
  }

  /** The node that it is on. */
  get host(): SimulatedHost {
    return this.#request.host;
  }

  /** 64 digits that it gives nothing else. */
  newId(): string {
    this.#made += 1;
    return digest(`${this.#request.host.name} ${this.#made} ${this.#request.clock.now()}`);
  }

  /** What dockerd was started with, by the names of daemon.json. */
  get settings(): Readonly<Record<string, unknown>> {
    return this.#settings;
  }

  /** dockerd has started: containers that are to run always do again. */
  start(settings: Readonly<Record<string, unknown>>): void {
    this.#settings = settings;
    this.#network.configure(settings);
    for (const container of this.#containers.values())
      if (container.config.restart.policy === 'always' && container.state === 'exited')
        void container.start().catch(() => undefined); // its error tells
  }

  /** dockerd stops, and its containers with it. */
  async stop(): Promise<void> {
    await Promise.all([...this.#containers.values()].map((container) => container.stop(SHUTDOWN_MS)));
  }

  /** Newest first, as Docker lists them. */
  containers(): EngineContainer[] {
    return [...this.#containers.values()].reverse();
  }

  /** By name, id or the beginning of one. Throws `EngineRefusal`. */
  container(reference: string): EngineContainer {
    const wanted = reference.replace(/^\//, '');
    const found =
      this.containers().find(({ name, id }) => name === wanted || id === wanted) ??
      this.containers().find(({ id }) => wanted !== '' && id.startsWith(wanted));
    if (found === undefined) throw new EngineRefusal(404, `No such container: ${reference}`);
    return found;
  }

  /** Throws `EngineRefusal`. */
  create(name: string | undefined, body: unknown): EngineContainer {
    const config = containerConfig(body);
    const remap = this.#settings['userns-remap'];
    if (typeof remap === 'string' && remap !== '')
      throw new EngineRefusal(501, 'not simulated: containers under userns-remap');
    if (name !== undefined && !/^\/?[a-zA-Z0-9][a-zA-Z0-9_.-]+$/.test(name))
      throw new EngineRefusal(400, `Invalid container name (${name}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed`);
    const image = this.images.get(config.image);
    if (this.#containers.size >= MAX_CONTAINERS)
      throw new EngineRefusal(501, `not simulated: more than ${MAX_CONTAINERS} containers`);
    const id = this.newId();
    const own = (name ?? randomName(id)).replace(/^\//, '');
    const same = this.containers().find((one) => one.name === own);
    if (same !== undefined)
      throw new EngineRefusal(
        409,
        `Conflict. The container name "/${own}" is already in use by container "${same.id}". You have to remove (or rename) that container to be able to reuse that name.`,
      );
    const { host, clock, sandboxes } = this.#request;
    const container = new EngineContainer({
      id,
      name: own,
      image,
      config,
      clock,
      place: async () => ({
        host,
        sandboxes: await sandboxes(),
        network: this.#network,
        fault: this.#request.fault,
        noNewPrivileges: this.#settings['no-new-privileges'] === true,
      }),
      gone: (ended) => {
        if (config.autoRemove) this.#forget(ended);
      },
    });
    this.#containers.set(id, container);
    return container;
  }

  /** Throws `EngineRefusal` while it runs, unless that is to be of no matter. */
  async remove(container: EngineContainer, force: boolean): Promise<void> {
    if (container.state === 'running' || container.state === 'restarting') {
      if (!force)
        throw new EngineRefusal(
          409,
          `cannot remove container "/${container.name}": container is ${container.state}: stop the container before removing or force remove`,
        );
      await container.stop(0);
    }
    this.#forget(container);
  }

  /** Throws `EngineRefusal` when the container does not run. */
  createExec(container: EngineContainer, config: ExecConfig): ExecSession {
    if (container.run === undefined) throw notRunning(container);
    if (config.argv.length === 0) throw new EngineRefusal(400, 'No exec command specified');
    const [oldest] = this.#sessions.keys();
    if (this.#sessions.size >= MAX_SESSIONS && oldest !== undefined) this.#sessions.delete(oldest);
    this.#made += 1;
    const id = digest(`exec ${this.#made} ${container.id}`);
    const session = new ExecSession(id, container, config);
    this.#sessions.set(id, session);
    return session;
  }

  /** Throws `EngineRefusal`. */
  session(id: string): ExecSession {
    const session = this.#sessions.get(id);
    if (session === undefined) throw new EngineRefusal(404, `No such exec instance: ${id}`);
    return session;
  }

  /** Removes an image that no container needs. Throws `EngineRefusal` (moby daemon/images/image_delete.go). */
  removeImage(reference: string, force: boolean): readonly { Untagged?: string; Deleted?: string }[] {
    const image = this.images.get(reference);
    const user = this.containers().find((one) => one.image.id === image.id);
    const short = (id: string) => id.replace('sha256:', '').slice(0, 12);
    if (user !== undefined && !force)
      throw new EngineRefusal(
        409,
        `conflict: unable to remove repository reference "${reference}" (must force) - container ${short(user.id)} is using its referenced image ${short(image.id)}`,
      );
    this.images.remove(image);
    const isLast = user === undefined && !this.images.list().some(({ id }) => id === image.id);
    const repository = image.reference.replace(/[:@][^/]*$/, '');
    return [
      ...(image.reference.startsWith('<none>') ? [] : [{ Untagged: image.reference }]),
      ...(image.built === undefined ? [{ Untagged: `${repository}@${image.digest}` }] : []),
      ...(isLast ? [{ Deleted: image.id }] : []),
    ];
  }

  #forget(container: EngineContainer): void {
    this.#containers.delete(container.id);
    for (const [id, session] of this.#sessions) if (session.container === container) this.#sessions.delete(id);
  }
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
