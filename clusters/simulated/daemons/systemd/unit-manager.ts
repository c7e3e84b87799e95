import type { SimulatedHost } from '../../hosts/simulated-host.ts';
import type { Clock } from '../../clock.ts';
import { disable, enable, fileState, mask, unmask } from './enablement.ts';
import { hostProgram } from './host-program.ts';
import type { Journal } from './journal.ts';
import { basename, commandOf, exitLines, programOf, title, type UnitCommand } from './unit-command.ts';
import { restartAfter } from './restart-policy.ts';
import { setting } from './unit-file.ts';
import { badSettingReason, readUnitDisk, type UnitDefinition, type UnitDisk } from './unit-files.ts';
import type { Launch, StartFailure, Unit, VendorUnit } from './unit.ts';

export interface UnitManagerRequest {
  readonly host: SimulatedHost;
  readonly vendor: readonly VendorUnit[];
  /** Modelled daemons by the name of their program (`sshd`); other programs run on the host for real. */
  readonly daemons: Readonly<Record<string, () => Unit>>;
  readonly journal: Journal;
  readonly clock: Clock;
}

export type UnitState =
  | { readonly active: 'inactive' | 'active'; readonly since: Date | undefined }
  | { readonly active: 'failed' | 'activating'; readonly since: Date; readonly status: number };

export interface UnitView {
  readonly definition: UnitDefinition;
  readonly state: UnitState;
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
  running?: Unit;
  /** What `running` was started with. */
  argv?: readonly string[];
  retry?: Disposable;
}

const DONE: JobResult = { outcome: 'done' };

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

  /** Adds the missing suffix and follows an alias: `sshd` is `ssh.service`. */
  canonical(name: string): string {
    const full = /\.(?:service|socket|target|timer|mount|slice|path)$/.test(name) ? name : `${name}.service`;
    if (this.#loaded.units.has(full)) return full;
    const target = this.#loaded.links.get(`/etc/systemd/system/${full}`)?.split('/').at(-1);
    return target !== undefined && this.#loaded.units.has(target) ? target : full;
  }

  /** Takes a canonical name. Undefined: there is no such unit. */
  view(name: string): UnitView | undefined {
    const definition = this.#loaded.units.get(name);
    return definition && { definition, state: this.#slot(name).state };
  }

  views(): UnitView[] {
    return [...this.#loaded.units.values()]
      .toSorted((a, b) => (a.name < b.name ? -1 : 1))
      .map((definition) => ({ definition, state: this.#slot(definition.name).state }));
  }

  /** Command lines of the services that run now. */
  programs(): (readonly string[])[] {
    return [...this.#slots.values()].flatMap(({ running, argv }) => (running && argv ? [argv] : []));
  }

  start(name: string): Promise<JobResult> {
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
      const failure = await running.reload?.(
        this.#launch(definition, running, await commandOf(this.#request.host, definition)),
      );
      if (failure === undefined) {
        this.#say(name, `Reloaded ${title(definition)}.`);
        return DONE;
      }
      this.#writeFailure(definition, failure, 'Control');
      this.#say(name, `Reload failed for ${title(definition)}.`);
      return { outcome: 'failed' };
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
    const program = basename(command.argv[0] ?? '');
    const unit = (this.#request.daemons[program] ?? (() => hostProgram(this.#request.host)))();
    const failure = await unit.start(this.#launch(definition, unit, command));
    if (failure === undefined) {
      slot.running = unit;
      slot.argv = command.argv;
      slot.state = { active: 'active', since: this.#now() };
      this.#say(name, `Started ${title(definition)}.`);
      return DONE;
    }
    // The daemon of a simple unit fails after systemd has called the unit started.
    if (!waits) this.#say(name, `Started ${title(definition)}.`);
    this.#writeFailure(definition, failure, 'Main');
    this.#fail(definition, failure.status);
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

  #fail(definition: UnitDefinition, status: number): void {
    const { name, settings } = definition;
    const slot = this.#slot(name);
    delete slot.running;
    const again = restartAfter(settings, status);
    if (again !== undefined) {
      slot.state = { active: 'activating', since: this.#now(), status };
      slot.retry = this.#request.clock.after(again * 1000, () => {
        this.start(name).catch(() => {}); // the host is gone
      });
    } else slot.state = { active: 'failed', since: this.#now(), status };
  }

  #writeFailure({ name, settings }: UnitDefinition, failure: StartFailure, process: 'Main' | 'Control'): void {
    const identifier = programOf(setting(settings, 'Service.ExecStart') ?? '') || name;
    for (const line of failure.lines) this.journal.write(name, identifier, line);
    for (const line of exitLines(name, failure.status, process)) this.#say(name, line);
  }

  #unfit(name: string): JobResult | undefined {
    const definition = this.#loaded.units.get(name);
    if (definition === undefined) return { outcome: 'not-found' };
    if (definition.state === 'masked') return { outcome: 'masked' };
    if (definition.state === 'loaded') return undefined;
    this.#say(name, badSettingReason(definition));
    return { outcome: 'bad-setting' };
  }

  #launch(definition: UnitDefinition, unit: Unit, command: UnitCommand): Launch {
    const identifier = basename(command.argv[0] ?? definition.name);
    return {
      ...command,
      log: (line) => this.journal.write(definition.name, identifier, line),
      exited: (status) => {
        const slot = this.#slot(definition.name);
        if (slot.running !== unit) return;
        if (status === 0) {
          delete slot.running;
          slot.state = { active: 'inactive', since: this.#now() };
          this.#say(definition.name, `${definition.name}: Deactivated successfully.`);
          return;
        }
        this.#writeFailure(definition, { status, lines: [] }, 'Main');
        this.#fail(definition, status);
      },
    };
  }

  #slot(name: string): Slot {
    const slot = this.#slots.get(name) ?? { state: { active: 'inactive', since: undefined } };
    this.#slots.set(name, slot);
    return slot;
  }

  #say(name: string, message: string): void {
    this.journal.write(name, 'systemd', message);
  }

  #now(): Date {
    return new Date(this.#request.clock.now());
  }

  #job<T>(run: () => Promise<T>): Promise<T> {
    const job = this.#jobs.then(run);
    this.#jobs = job.catch(() => {}); // the caller has the error; the next job is not its business
    return job;
  }
}
