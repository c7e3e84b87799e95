import type { HostName } from '../../../protocol/host.ts';
import type { LabId } from '../../../protocol/ids.ts';
import type { Identity } from '../../../protocol/scenario.ts';
import { type Host, type KubeAccess, type Lab, LabError, type Seed, type Vantage } from '../../cluster.ts';
import type { Ownership } from '../docker/ownership.ts';
import { strangerOf } from '../hosts/stranger.ts';
import { makeWorld } from '../steps/make-world.ts';
import { removeWorld } from '../steps/remove-world.ts';
import type { Workshop, World, WorldRequest } from '../steps/world.ts';
import { kubeAccessOf } from './cluster-access.ts';
import { readEtcd } from './etcd.ts';
import { noteHandOver } from './hand-over.ts';

export interface KindLabParts {
  readonly workshop: Workshop;
  readonly ownership: Ownership;
  readonly seed: Seed;
}

/** A lab whose cluster kind has made, and whose other hosts are containers beside its nodes. Its state is in Docker alone. */
export class KindLab implements Lab {
  readonly id: LabId;
  readonly backend = 'kind';
  readonly #parts: KindLabParts;
  #world: World | undefined;
  #handedOverAs: LabId | undefined;
  #removed: Promise<void> | undefined;

  private constructor(parts: KindLabParts) {
    this.id = parts.ownership.lab;
    this.#parts = parts;
  }

  /** Makes a lab. Rejects with `LabError`, or the signal's reason; then nothing of it is left. */
  static async create(
    parts: KindLabParts,
    { progress, signal }: Pick<WorldRequest, 'progress' | 'signal'>,
  ): Promise<KindLab> {
    const lab = new KindLab(parts);
    await lab.#make(progress, signal);
    return lab;
  }

  /** A lab that an earlier server has made. */
  static adopted(parts: KindLabParts, world: World, handedOverAs: LabId | undefined): KindLab {
    const lab = new KindLab(parts);
    lab.#world = world;
    lab.#handedOverAs = handedOverAs;
    return lab;
  }

  async host(name: HostName): Promise<Host> {
    const { hosts } = this.#present();
    const found = hosts.get(name);
    if (found !== undefined) return found;
    const known = [...hosts.keys()].join(', ');
    throw new LabError(
      `This lab has no host "${name}".`,
      known === '' ? 'It is a cluster without machines.' : `Its hosts are: ${known}.`,
    );
  }

  async kubeAccess(identity: Identity): Promise<KubeAccess> {
    return kubeAccessOf(identity, this.#present().access, this.#parts.workshop.now());
  }

  async readEtcd(key: string): Promise<Uint8Array | undefined> {
    return readEtcd(this.#present().controlPlane, key);
  }

  async stranger(): Promise<Vantage> {
    await this.host('internet');
    return strangerOf(this.id, this.#parts.workshop.engine);
  }

  /** Makes everything anew: a node that a learner was root on has no part that could be trusted to be as it was. */
  async reset(signal: AbortSignal, progress: (step: string) => void = () => undefined): Promise<void> {
    progress('removing what there is');
    await this.#leave();
    await this.#make(progress, signal);
  }

  /** Notes the id under which a later server is to know this lab. */
  async handOver(id: LabId): Promise<void> {
    const { workshop, ownership } = this.#parts;
    await noteHandOver(workshop.engine, ownership, id);
    this.#handedOverAs = id;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#leave();
    // Once it has succeeded there is nothing more to remove; what failed may be tried again.
    this.#removed ??= this.#remove().catch((error: unknown) => {
      this.#removed = undefined;
      throw error;
    });
    await this.#removed;
  }

  async #leave(): Promise<void> {
    const world = this.#world;
    this.#world = undefined;
    await world?.access.door[Symbol.asyncDispose]();
  }

  #present(): World {
    if (this.#world !== undefined) return this.#world;
    throw new LabError('The lab is not there: it has ended, or could not be made again.', 'Reset it, or delete it.');
  }

  async #make(progress: (step: string) => void, signal: AbortSignal): Promise<void> {
    const { workshop, ownership, seed } = this.#parts;
    try {
      signal.throwIfAborted();
      // What an earlier attempt under this name has left, and could not remove.
      await this.#remove();
      if (this.#handedOverAs !== undefined) await noteHandOver(workshop.engine, ownership, this.#handedOverAs);
      this.#world = await makeWorld(workshop, { ownership, seed, progress, signal });
      signal.throwIfAborted();
    } catch (error) {
      await this.#leave();
      await this.#remove().catch((left: unknown) => {
        workshop.log(`${this.id}: ${left instanceof Error ? left.message : String(left)}`);
      });
      throw error;
    }
  }

  #remove(): Promise<void> {
    const { workshop, ownership } = this.#parts;
    return removeWorld(workshop, ownership.lab, ownership.server);
  }
}
