import { type Backend, type Lab, LabError, type Seed } from '../../clusters/cluster.ts';
import type { CreateLabRequest, LabSummary } from '../../protocol/api.ts';
import { LabId } from '../../protocol/ids.ts';
import type { BackendName } from '../../protocol/scenario.ts';
import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import { problemOf } from '../problem.ts';
import { Refusal } from '../refusal.ts';
import type { LabStore, StoredLab } from '../store/lab-store.ts';
import { type LabLimits, overdue } from './lab-limits.ts';
import { ManagedLab } from './managed-lab.ts';
import type { ScenarioShelf } from './playable-scenario.ts';

export interface LabRegistryOptions {
  /** The first one is used where a request names none. */
  readonly backends: ReadonlyMap<BackendName, Backend>;
  readonly shelf: ScenarioShelf;
  readonly store: LabStore;
  readonly clock: Clock;
  readonly newLabId: () => LabId;
  readonly log: Log;
  readonly maxLabs: number;
  /** None unless said. */
  readonly limits?: LabLimits;
  /** Called when a lab's shells are gone or about to go. */
  readonly onShellsEnd: (lab: LabId, message: string) => Promise<void>;
}

/** How long labs may take to go at shutdown; what is left then is the next server's to adopt. */
const END_LIMIT_MS = 15_000;

const noSuchLab = (id: string): Refusal =>
  new Refusal('absent', `There is no lab ${id}.`, 'Choose one of the list, or create one.');

/** Takes an id from a path. One that no lab can have is refused as one that none has (`absent`). */
export function labIdIn(text: string): LabId {
  const id = LabId.safeParse(text);
  if (!id.success) throw noSuchLab(text);
  return id.data;
}

/** The labs of this server, by id. */
export class LabRegistry implements AsyncDisposable {
  readonly #labs = new Map<LabId, ManagedLab>();
  /** When each was last used, in milliseconds since 1970. */
  readonly #used = new Map<LabId, number>();
  readonly #options: LabRegistryOptions;
  #closed = false;

  constructor(options: LabRegistryOptions) {
    this.#options = options;
  }

  list(): LabSummary[] {
    return [...this.#labs.values()].map((lab) => lab.summary());
  }

  /** A lab that somebody asks for, who thereby uses it. Throws `Refusal` (`absent`). */
  find(id: LabId): ManagedLab {
    const lab = this.#labs.get(id);
    if (lab === undefined) throw noSuchLab(id);
    this.touch(id);
    return lab;
  }

  /** Somebody uses the lab now. */
  touch(id: LabId): void {
    this.#used.set(id, this.#options.clock.now());
  }

  /** Deletes the labs that have stayed for longer than they may. To be called now and then. */
  async endOverdue(): Promise<void> {
    const { clock, limits = {}, log } = this.#options;
    const now = clock.now();
    const ends = [...this.#labs].map(async ([id, lab]) => {
      const createdAt = Date.parse(lab.summary().createdAt);
      const reason = overdue({ createdAt, usedAt: this.#used.get(id) ?? now }, limits, now);
      if (reason === undefined) return;
      log.info('a lab has stayed for as long as it may', { lab: id, reason });
      await this.#end(id, lab, reason).catch((cause: unknown) =>
        log.error('a lab was not taken down', { lab: id, cause }),
      );
    });
    await Promise.all(ends);
  }

  /** Begins a lab. Rejects with `Refusal` at the limit and for a scenario or backend that is not there. */
  async create({ scenario: scenarioId, backend: asked }: CreateLabRequest): Promise<LabSummary> {
    const { shelf, backends, newLabId, clock, store } = this.#options;
    const scenario = await shelf.load(scenarioId);
    const [first] = backends.keys();
    const backend = asked ?? first;
    if (backend === undefined || !backends.has(backend)) {
      const names = [...backends.keys()].join(', ');
      throw new Refusal('absent', `This server has no backend ${backend ?? ''}.`, `It has: ${names || 'none'}.`);
    }
    this.#requireRoom();
    const id = newLabId();
    const createdAt = new Date(clock.now()).toISOString();
    const status = { state: 'starting', step: 'starting' } as const;
    const stored: StoredLab = { id, scenario: scenarioId, backend, createdAt, generation: 0, status };
    const lab = new ManagedLab(stored, scenario, this.#surroundings(id, backend));
    this.#labs.set(id, lab);
    this.touch(id);
    try {
      await store.saveLab(stored);
    } catch (cause) {
      this.#labs.delete(id);
      throw cause;
    }
    lab.start();
    return lab.summary();
  }

  /** Resolves when the lab is gone. */
  async delete(id: LabId): Promise<void> {
    await this.#end(id, this.find(id));
  }

  /** Takes over what an earlier server left running; what cannot be taken over is listed as failed. What nobody knows of is removed. */
  async adopt(signal: AbortSignal): Promise<void> {
    const { backends, shelf, store, log } = this.#options;
    const stored = await store.labs();
    const seeds = new Map<LabId, Seed | undefined>();
    for (const { id, scenario } of stored) {
      const loaded = await shelf.load(scenario).catch(() => undefined); // told of below
      seeds.set(id, loaded?.seed);
    }
    const found = new Map<LabId, Lab>();
    for (const backend of backends.values()) {
      try {
        for (const lab of await backend.adopt(seeds, signal)) found.set(lab.id, lab);
      } catch (cause) {
        log.warn('a backend could not look for labs of an earlier server', { backend: backend.name, cause });
      }
    }
    for (const lab of stored) await this.#takeOver(lab, found.get(lab.id));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    const { log } = this.#options;
    const limit = Promise.withResolvers<void>();
    const timer = setTimeout(limit.resolve, END_LIMIT_MS);
    const ends = [...this.#labs.keys()].map(async (id) => {
      await this.delete(id).catch((cause: unknown) => log.error('a lab was not taken down', { lab: id, cause }));
    });
    await Promise.race([Promise.all(ends), limit.promise]);
    clearTimeout(timer);
  }

  async #end(id: LabId, lab: ManagedLab, reason?: string): Promise<void> {
    await lab.end(reason);
    this.#labs.delete(id);
    this.#used.delete(id);
    await this.#options.store.deleteLab(id);
  }

  #requireRoom(): void {
    const { maxLabs } = this.#options;
    if (this.#closed) throw new Refusal('unavailable', 'The server is shutting down.', 'Start it again.');
    if (this.#labs.size < maxLabs) return;
    throw new Refusal('full', `This server holds ${maxLabs} labs at most.`, 'Delete one that is no longer needed.');
  }

  async #takeOver(stored: StoredLab, running: Lab | undefined): Promise<void> {
    const { shelf, store, log } = this.#options;
    const { id, status } = stored;
    try {
      const scenario = await shelf.load(stored.scenario);
      const report = await store.report(id, stored.generation);
      // Nobody knows how far the seed of a lab that was still starting has come.
      const usable = status.state === 'starting' ? undefined : running;
      if (usable === undefined) await running?.[Symbol.asyncDispose]();
      const problem = problemOf(
        new LabError(
          'The server was restarted and the lab did not survive it.',
          'Reset it to make it afresh, or delete it.',
        ),
      );
      const state: StoredLab['status'] =
        usable !== undefined ? { state: 'ready' } : status.state === 'failed' ? status : { state: 'failed', problem };
      const known: StoredLab = { ...stored, status: state };
      const lab = new ManagedLab(known, scenario, this.#surroundings(id, stored.backend), { lab: usable, report });
      this.#labs.set(id, lab);
      this.touch(id);
      await store.saveLab(known);
      if (usable !== undefined && status.state === 'resetting') lab.reset();
    } catch (cause) {
      // It stays in the store: a scenario or a backend that is missing today may be back with the next server.
      log.warn('a lab of an earlier server is not taken over', { lab: id, scenario: stored.scenario, cause });
    }
  }

  #surroundings(id: LabId, backendName: BackendName) {
    const { backends, store, log, onShellsEnd } = this.#options;
    const backend = backends.get(backendName);
    if (backend === undefined) {
      throw new LabError(`This server has no backend ${backendName}.`, `Start the server with it.`);
    }
    return { backend, store, log, onShellsEnd: (message: string) => onShellsEnd(id, message) };
  }
}
