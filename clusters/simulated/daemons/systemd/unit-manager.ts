import type { SimulatedHost } from '../../hosts/simulated-host.ts';
import type { Clock } from '../../clock.ts';
import { disable, enable, fileState, mask, unmask } from './enablement.ts';
import { type Ending, exitLines, failureOf, isClean } from './ending.ts';
import type { Journal } from './journal.ts';
import { basename, commandOf, programOf, title } from './unit-command.ts';
import { restartAfter, restartAfterRunning } from './restart-policy.ts';
import { setting } from './unit-file.ts';
import { badSettingReason, readUnitDisk, type UnitDefinition, type UnitDisk } from './unit-files.ts';
import { UnitRun, type UnitRunRequest } from './unit-run.ts';
import type { StartFailure, VendorUnit } from './unit.ts';

export interface UnitManagerRequest extends UnitRunRequest {
  readonly vendor: readonly VendorUnit[];
  readonly clock: Clock;
}

export type UnitState =
  | { readonly active: 'inactive' | 'active'; readonly since: Date | undefined }
  | { readonly active: 'failed' | 'activating'; readonly since: Date; readonly ending: Ending };

export interface UnitView {
  readonly definition: UnitDefinition;
  readonly state: UnitState;
  /** Its main process, or the last one, as far as that has a number on the host. */
  readonly main: MainProcess | undefined;
  /** Starts that systemd made of itself since somebody last made one. */
  readonly restarts: number;
}

export interface MainProcess {
  readonly pid: number;
  /** Its program's. */
  readonly name: string;
  readonly words: readonly string[];
  /** Undefined while it runs. */
  readonly ending: Ending | undefined;
}

export interface JobResult {
  readonly outcome: 'done' | 'not-found' | 'masked' | 'bad-setting' | 'inactive' | 'no-reload' | 'failed';
}

/** `exists`: a file of its own stands where the mask would go. */
export type FileChange =
  | { readonly outcome: 'done'; readonly lines: readonly string[] }
  | { readonly outcome: 'not-found' | 'masked' | 'exists' };

interface Slot {
  state: UnitState;
  running?: UnitRun;
  /** The last run that was started, and how it ended. */
  last?: UnitRun;
  ending?: Ending;
  retry?: Disposable;
  restarts: number;
  /** When it was started lately, in milliseconds. */
  starts: readonly number[];
}

const DONE: JobResult = { outcome: 'done' };

/** Starts that are kept of a unit: more than a start limit counts is not needed. */
const MAX_STARTS = 50;

/**
 * systemd as far as services go. A unit runs as it was defined at the last `daemon-reload`; enabling is symlinks on the host's disk.
 * Jobs run one after another. The file is longer than most: it is one state machine, whose transitions share its slots.
 */
export class UnitManager implements AsyncDisposable {
  readonly journal: Journal;
  readonly #request: UnitManagerRequest;
  readonly #slots = new Map<string, Slot>();
  /** Units of packages that have been removed. */
  readonly #removed = new Set<string>();
  #loaded: UnitDisk = { units: new Map(), links: new Map() };
  #jobs: Promise<unknown> = Promise.resolve();

  private constructor(request: UnitManagerRequest) {
    this.#request = request;
    this.journal = request.journal;
  }

  /** Starts whatever is enabled on the host's disk, all at once. */
  static async boot(request: UnitManagerRequest): Promise<UnitManager> {
    const manager = new UnitManager(request);
    manager.#loaded = await manager.disk();
    const enabled = manager.views().filter(({ definition }) => fileState(definition, manager.#loaded) === 'enabled');
    await manager.#job(() => Promise.all(enabled.map(({ definition }) => manager.#start(definition.name))));
    return manager;
  }

  daemonReload(): Promise<void> {
    return this.#job(async () => {
      this.#loaded = await this.disk();
    });
  }

  /** The host's unit files as they are now, not as they were loaded. */
  disk(): Promise<UnitDisk> {
    return readUnitDisk(
      this.#request.host,
      this.#request.vendor.filter(({ name }) => !this.#removed.has(name)),
    );
  }

  get host(): SimulatedHost {
    return this.#request.host;
  }

  get loaded(): UnitDisk {
    return this.#loaded;
  }

  /** Adds the missing suffix, follows an alias (`sshd` is `ssh.service`), and finds the service of a main process by its number. */
  canonical(name: string): string {
    if (/^\d+$/.test(name)) {
      const owner = [...this.#slots].find(([, { running }]) => running?.pid === Number(name));
      return owner?.[0] ?? name;
    }
    const full = /\.(?:service|socket|target|timer|mount|slice|path)$/.test(name) ? name : `${name}.service`;
    if (this.#loaded.units.has(full)) return full;
    const target = this.#loaded.links.get(`/etc/systemd/system/${full}`)?.split('/').at(-1);
    return target !== undefined && this.#loaded.units.has(target) ? target : full;
  }

  /** Takes a canonical name. Undefined: there is no such unit. */
  view(name: string): UnitView | undefined {
    const definition = this.#loaded.units.get(name);
    return definition && this.#view(definition);
  }

  views(): UnitView[] {
    return [...this.#loaded.units.values()]
      .toSorted((a, b) => (a.name < b.name ? -1 : 1))
      .map((definition) => this.#view(definition));
  }

  #view(definition: UnitDefinition): UnitView {
    const { state, last, ending, restarts } = this.#slot(definition.name);
    const main =
      last?.pid === undefined
        ? undefined
        : { pid: last.pid, name: basename(last.argv[0] ?? ''), words: last.words, ending };
    return { definition, state, main, restarts };
  }

  /** Command lines of the services that run now. */
  programs(): (readonly string[])[] {
    return [...this.#slots.values()].flatMap(({ running }) => (running ? [running.argv] : []));
  }

  start(name: string): Promise<JobResult> {
    this.#slot(name).restarts = 0;
    return this.#job(() => this.#start(name));
  }

  stop(name: string): Promise<JobResult> {
    return this.#job(async () => {
      if (!this.#loaded.units.has(name)) return { outcome: 'not-found' };
      await this.#stop(name);
      return DONE;
    });
  }

  restart(name: string): Promise<JobResult> {
    return this.#job(async () => {
      const problem = this.#unfit(name);
      if (problem !== undefined) return problem;
      await this.#stop(name);
      return this.#start(name);
    });
  }

  reload(name: string): Promise<JobResult> {
    return this.#job(async () => {
      const definition = this.#loaded.units.get(name);
      if (definition === undefined) return { outcome: 'not-found' };
      const { state, running } = this.#slot(name);
      if ((definition.settings.get('Service.ExecReload')?.length ?? 0) === 0) return { outcome: 'no-reload' };
      if (state.active !== 'active' || running === undefined) return { outcome: 'inactive' };
      this.#say(name, `Reloading ${title(definition)}...`);
      const failure = await running.reload(await commandOf(this.#request.host, definition));
      if (failure === undefined) {
        this.#say(name, `Reloaded ${title(definition)}.`);
        return DONE;
      }
      this.#writeFailure(definition, failure, 'Control');
      this.#say(name, `Reload failed for ${title(definition)}.`);
      return { outcome: 'failed' };
    });
  }

  /** Sends the main process of a unit a signal, as `kill` on the host does. */
  kill(name: string, signal: number): Promise<JobResult | { readonly outcome: 'not-modelled' }> {
    return this.#job(async () => {
      if (!this.#loaded.units.has(name)) return { outcome: 'not-found' };
      return this.#slot(name).running?.signal(signal) === false ? { outcome: 'not-modelled' } : DONE;
    });
  }

  enable(name: string): Promise<FileChange> {
    return this.#change(name, enable);
  }

  disable(name: string): Promise<FileChange> {
    return this.#change(name, disable);
  }

  mask(name: string): Promise<FileChange> {
    return this.#change(name, (host) => mask(host, name), 'mask');
  }

  unmask(name: string): Promise<FileChange> {
    return this.#change(name, (host, _, disk) => unmask(host, name, disk), 'unmask');
  }

  /** Whether a package of the host has, or had, that unit. */
  knows(name: string): boolean {
    return this.#request.vendor.some((unit) => unit.name === name);
  }

  /** Brings the unit of a package that is installed, enabled and started, or stops and takes away that of one that is removed. */
  async setInstalled(name: string, installed: boolean): Promise<void> {
    if (!installed) {
      await this.disable(name);
      await this.stop(name);
      this.#removed.add(name);
    } else this.#removed.delete(name);
    await this.daemonReload();
    if (!installed) return;
    await this.enable(name);
    await this.start(name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#job(async () => {
      for (const name of this.#slots.keys()) await this.#stop(name);
    });
  }

  /** Changes files and loads the result, as systemctl makes systemd do after each of these verbs. */
  #change(
    name: string,
    change: (host: SimulatedHost, definition: UnitDefinition, disk: UnitDisk) => Promise<string[]>,
    scope?: 'mask' | 'unmask',
  ): Promise<FileChange> {
    return this.#job(async (): Promise<FileChange> => {
      const disk = await this.disk();
      const definition = disk.units.get(name);
      if (definition === undefined) return { outcome: 'not-found' };
      if (definition.state === 'masked' && scope === undefined) return { outcome: 'masked' };
      const inEtc = definition.fragments[0]?.path === `/etc/systemd/system/${name}`;
      if (scope === 'mask' && inEtc) return { outcome: 'exists' };
      const lines = await change(this.#request.host, definition, disk);
      this.#loaded = await this.disk();
      return { outcome: 'done', lines };
    });
  }

  async #start(name: string): Promise<JobResult> {
    const problem = this.#unfit(name);
    if (problem !== undefined) return problem;
    const definition = this.#loaded.units.get(name);
    const slot = this.#slot(name);
    if (definition === undefined || slot.state.active === 'active') return DONE;
    slot.retry?.[Symbol.dispose]();
    const waits = ['notify', 'forking', 'oneshot'].includes(setting(definition.settings, 'Service.Type') ?? 'simple');
    if (waits) this.#say(name, `Starting ${title(definition)}...`);
    const command = await commandOf(this.#request.host, definition);
    const run: UnitRun = await UnitRun.of(name, this.#request, command, {
      ended: (ending) => this.#later(() => this.#end(definition, run, ending)),
      reload: () => this.#later(async () => (slot.running === run ? run.reload(command) : undefined)),
    });
    const now = this.#request.clock.now();
    slot.starts = [...slot.starts, now].slice(-MAX_STARTS);
    slot.last = run;
    delete slot.ending;
    const failure = await run.start(command);
    if (failure === undefined) {
      slot.running = run;
      slot.state = { active: 'active', since: this.#now() };
      this.#say(name, `Started ${title(definition)}.`);
      return DONE;
    }
    // The daemon of a simple unit fails after systemd has called the unit started.
    if (!waits) this.#say(name, `Started ${title(definition)}.`);
    this.#writeFailure(definition, failure, 'Main');
    this.#fail(definition, { code: 'exited', status: failure.status });
    if (waits) this.#say(name, `Failed to start ${title(definition)}.`);
    return waits ? { outcome: 'failed' } : DONE;
  }

  async #stop(name: string): Promise<void> {
    const slot = this.#slot(name);
    slot.retry?.[Symbol.dispose]();
    delete slot.retry;
    const definition = this.#loaded.units.get(name);
    const { running } = slot;
    delete slot.running;
    if (running !== undefined) {
      if (definition !== undefined) this.#say(name, `Stopping ${title(definition)}...`);
      await running.stop();
      this.#say(name, `${name}: Deactivated successfully.`);
      if (definition !== undefined) this.#say(name, `Stopped ${title(definition)}.`);
    }
    if (slot.state.active !== 'inactive') slot.state = { active: 'inactive', since: this.#now() };
  }

  /** A run that could not start. */
  #fail(definition: UnitDefinition, ending: Ending): void {
    const again = restartAfter(definition.settings, ending);
    if (again !== undefined) this.#restartIn(again, definition, ending);
    else this.#slot(definition.name).state = { active: 'failed', since: this.#now(), ending };
  }

  /** A run that ended without having been asked to by systemd. */
  async #end(definition: UnitDefinition, run: UnitRun, ending: Ending): Promise<void> {
    const { name, settings } = definition;
    const slot = this.#slot(name);
    if (slot.running !== run) return;
    delete slot.running;
    slot.ending = ending;
    await run.stop();
    for (const line of exitLines(name, ending, 'Main')) this.#say(name, line);
    const now = this.#request.clock.now();
    const again = restartAfterRunning(
      settings,
      ending,
      slot.starts.map((start) => (now - start) / 1000),
    );
    if (typeof again === 'number') return this.#restartIn(again, definition, ending);
    if (again === 'too-often') this.#giveUp(definition, ending);
    const since = this.#now();
    slot.state =
      isClean(ending) && again === undefined ? { active: 'inactive', since } : { active: 'failed', since, ending };
  }

  #giveUp(definition: UnitDefinition, ending: Ending): void {
    const { name } = definition;
    this.#sayRestart(definition);
    this.#say(name, `${name}: Start request repeated too quickly.`);
    this.#say(name, `${name}: Failed with result '${failureOf(ending)}'.`);
    this.#say(name, `Failed to start ${title(definition)}.`);
  }

  #sayRestart(definition: UnitDefinition): void {
    const { name } = definition;
    const slot = this.#slot(name);
    slot.restarts += 1;
    this.#say(name, `${name}: Scheduled restart job, restart counter is at ${slot.restarts}.`);
    this.#say(name, `Stopped ${title(definition)}.`);
  }

  #restartIn(seconds: number, definition: UnitDefinition, ending: Ending): void {
    const { name } = definition;
    const slot = this.#slot(name);
    slot.state = { active: 'activating', since: this.#now(), ending };
    slot.retry = this.#request.clock.after(seconds * 1000, () =>
      this.#later(async () => {
        this.#sayRestart(definition);
        await this.#start(name);
      }),
    );
  }

  #writeFailure({ name, settings }: UnitDefinition, failure: StartFailure, process: 'Main' | 'Control'): void {
    const identifier = programOf(setting(settings, 'Service.ExecStart') ?? '') || name;
    for (const line of failure.lines) this.journal.write(name, identifier, line);
    for (const line of exitLines(name, { code: 'exited', status: failure.status }, process)) this.#say(name, line);
  }

  #unfit(name: string): JobResult | undefined {
    const definition = this.#loaded.units.get(name);
    if (definition === undefined) return { outcome: 'not-found' };
    if (definition.state === 'masked') return { outcome: 'masked' };
    if (definition.state === 'loaded') return undefined;
    this.#say(name, badSettingReason(definition));
    return { outcome: 'bad-setting' };
  }

  #slot(name: string): Slot {
    const slot = this.#slots.get(name) ?? { state: { active: 'inactive', since: undefined }, restarts: 0, starts: [] };
    this.#slots.set(name, slot);
    return slot;
  }

  #say(name: string, message: string): void {
    this.journal.write(name, 'systemd', message);
  }

  #now(): Date {
    return new Date(this.#request.clock.now());
  }

  /** A job that nobody waits for; one that fails has lost its host. */
  #later(run: () => Promise<unknown>): void {
    this.#job(run).catch(() => undefined);
  }

  #job<T>(run: () => Promise<T>): Promise<T> {
    const job = this.#jobs.then(run);
    this.#jobs = job.catch(() => {}); // the caller has the error; the next job is not its business
    return job;
  }
}
