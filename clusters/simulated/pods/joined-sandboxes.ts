import type { ClusterNetwork } from '../network/cluster-network.ts';
import type { PodSandboxes } from './sandbox.ts';

export interface JoinedSandboxesOptions {
  /** Starts the lab's sandboxes. Rejects with `not simulated: …` where this machine has none. */
  readonly sandboxes: () => Promise<PodSandboxes>;
  /** Puts the cluster on the network of its sandboxes. */
  readonly join: (sandboxes: PodSandboxes) => Promise<ClusterNetwork>;
}

/** A lab's sandboxes with the cluster on their network: started when they are first asked for, and anew after each `clear`. */
export class JoinedSandboxes {
  readonly #options: JoinedSandboxesOptions;
  /** Another one after each `clear`. */
  #world = {};
  #sandboxes: Promise<PodSandboxes> | undefined;
  #network: ClusterNetwork | undefined;
  #isImpossible = false;

  constructor(options: JoinedSandboxesOptions) {
    this.#options = options;
  }

  /** Whether nothing can run on this machine, as far as anybody has asked; containers then go as foretold. */
  get isImpossible(): boolean {
    return this.#isImpossible;
  }

  /** Whether the cluster is on the network. */
  get isJoined(): boolean {
    return this.#network !== undefined;
  }

  get(): Promise<PodSandboxes> {
    const world = this.#world;
    this.#sandboxes ??= this.#join().catch((error: unknown) => {
      if (world === this.#world) this.#isImpossible = true;
      throw error;
    });
    return this.#sandboxes;
  }

  async #join(): Promise<PodSandboxes> {
    const world = this.#world;
    const sandboxes = await this.#options.sandboxes();
    const network = await this.#options.join(sandboxes);
    if (world !== this.#world) {
      await network[Symbol.asyncDispose]();
      throw new Error('the lab has started over');
    }
    this.#network = network;
    return sandboxes;
  }

  /** Resolves when the network is as the cluster says by now. */
  async settled(): Promise<void> {
    await this.#network?.settled();
  }

  clear(): void {
    void this.#network?.[Symbol.asyncDispose]();
    this.#network = undefined;
    this.#sandboxes = undefined;
    this.#isImpossible = false;
    this.#world = {};
  }
}
