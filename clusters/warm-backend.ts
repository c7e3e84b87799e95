import { setTimeout as sleep } from 'node:timers/promises';
import type { LabId } from '../protocol/ids.ts';
import type { BackendName } from '../protocol/scenario.ts';
import type { Backend, Finding, Lab, LabRequest, Seed } from './cluster.ts';

/** Milliseconds in which whoever was given a lab comes to a prompt, and which making the next one would lengthen. */
const REST_MS = 500;

export interface WarmBackendOptions {
  /** Labs kept ready, 1 or more. */
  readonly size: number;
  /** Names for labs that nobody has asked for yet. */
  readonly newId: () => LabId;
  /** Hears why a lab could not be made ahead; whoever asks for one next is told for himself. */
  readonly log: (line: string) => void;
  /** Resolves when the next lab may be made, at once when the signal fires; after half a second unless said. */
  readonly rest?: (signal: AbortSignal) => Promise<void>;
}

/** A lab made ahead; undefined when it could not be. */
interface Spare {
  readonly lab: Promise<Lab | undefined>;
  /** Somebody waits for it. */
  readonly hurry: () => void;
}

/**
 * A backend that keeps some labs of the seed that was asked for last made ahead, and hands one over instead of making it.
 * Disposing of it ends those that nobody took; labs that were handed over are their takers'.
 */
export class WarmBackend implements Backend, AsyncDisposable {
  readonly name: BackendName;
  readonly #backend: Backend;
  readonly #options: WarmBackendOptions;
  readonly #ended = new AbortController();
  readonly #leaving = new Set<Promise<void>>();
  #seed: Seed | undefined;
  #spares: Spare[] = [];

  constructor(backend: Backend, options: WarmBackendOptions) {
    this.name = backend.name;
    this.#backend = backend;
    this.#options = options;
  }

  /** Takes a lab that is there or on its way, else makes one; either way the spares are filled up afterwards. */
  async create(request: LabRequest): Promise<Lab> {
    const { id, seed, progress, signal } = request;
    signal.throwIfAborted();
    if (seed !== this.#seed) this.#keepInstead(seed);
    try {
      const spare = this.#spares.shift();
      if (spare === undefined) return await this.#backend.create(request);
      progress('taking a lab that was made ahead');
      spare.hurry();
      const lab = await Promise.race([spare.lab, aborted(signal)]).catch((error: unknown) => {
        this.#discard(spare);
        throw error;
      });
      return lab === undefined ? await this.#backend.create(request) : await this.handOver(lab, id);
    } finally {
      this.#fill();
    }
  }

  /** Resolves when every lab that is to be kept was made, or could not be. */
  async filled(): Promise<void> {
    await Promise.all(this.#spares.map(({ lab }) => lab));
  }

  handOver(lab: Lab, id: LabId): Promise<Lab> {
    return this.#backend.handOver(lab, id);
  }

  adopt(known: ReadonlyMap<LabId, Seed | undefined>, signal: AbortSignal): Promise<readonly Lab[]> {
    return this.#backend.adopt(known, signal);
  }

  doctor(signal: AbortSignal): Promise<readonly Finding[]> {
    return this.#backend.doctor(signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended.abort(new Error('the server ends'));
    for (const spare of this.#spares.splice(0)) this.#discard(spare);
    await Promise.all(this.#leaving);
  }

  #keepInstead(seed: Seed): void {
    for (const spare of this.#spares.splice(0)) this.#discard(spare);
    this.#seed = seed;
  }

  /** One at a time, each after the one before: whoever has just been given a lab needs the machine now. */
  #fill(): void {
    const seed = this.#seed;
    if (seed === undefined || this.#ended.signal.aborted) return;
    while (this.#spares.length < this.#options.size) {
      const before = this.#spares.at(-1)?.lab;
      const hurry = new AbortController();
      this.#spares.push({ lab: this.#makeAhead(seed, before, hurry.signal), hurry: () => hurry.abort() });
    }
  }

  async #makeAhead(seed: Seed, before: Spare['lab'] | undefined, hurry: AbortSignal): Spare['lab'] {
    const { newId, log, rest = restForAWhile } = this.#options;
    const signal = this.#ended.signal;
    await before;
    await rest(AbortSignal.any([signal, hurry]));
    return this.#backend.create({ id: newId(), seed, progress: () => undefined, signal }).catch((error: unknown) => {
      if (!signal.aborted) log(`a lab made ahead: ${error instanceof Error ? error.message : String(error)}`);
      return undefined;
    });
  }

  #discard(spare: Spare): void {
    const leaving = spare.lab
      .then((lab) => lab?.[Symbol.asyncDispose]())
      .catch((error: unknown) => this.#options.log(`a lab made ahead does not end: ${String(error)}`))
      .finally(() => this.#leaving.delete(leaving));
    this.#leaving.add(leaving);
  }
}

const restForAWhile = (signal: AbortSignal): Promise<void> =>
  sleep(REST_MS, undefined, { signal }).catch(() => undefined); // hurried

const aborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
