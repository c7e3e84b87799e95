import type { Duplex } from 'node:stream';
import type { SimulatedHost } from '../../hosts/simulated-host.ts';
import type { Clock } from '../../clock.ts';
import { disable, enable, fileState, mask, unmask } from './enablement.ts';
import { type Ending, exitLines, failureOf, isClean, resultOf } from './ending.ts';
import type { Journal } from './journal.ts';
import { basename, commandOf, programOf, title } from './unit-command.ts';
import { restartAfter, restartAfterRunning } from './restart-policy.ts';
import { Sockets } from './sockets.ts';
import { setting } from './unit-file.ts';
import { badSettingReason, placeUnit, readUnitDisk, type UnitDefinition, type UnitDisk } from './unit-files.ts';
import { followersOf, neededBy, serviceOf, socketsOf } from './unit-order.ts';
import { UnitRun, type UnitRunRequest } from './unit-run.ts';
import type { FileChange, JobResult, UnitState, UnitView } from './unit-view.ts';
import type { StartFailure, VendorUnit } from './unit.ts';

export interface UnitManagerRequest extends UnitRunRequest {
  /** Of the packages that the host begins with. */
  readonly vendor: readonly VendorUnit[];
  readonly clock: Clock;
  /** Whether a file of the host is not a package's, but was laid over it before the host booted. */
  readonly isSeeded?: (path: string) => boolean;
}

interface Slot {
  state: UnitState;
  /** While it is being started. */
  starting?: Promise<JobResult>;
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

/** systemd.syntax(7), "boolean". */
const isTrue = (value: string | undefined): boolean => /^(?:1|yes|y|true|t|on)$/i.test(value ?? '');

const isOneshot = ({ settings }: UnitDefinition): boolean => setting(settings, 'Service.Type') === 'oneshot';

const isSocket = (name: string): boolean => name.endsWith('.socket');

/** Starts that are kept of a unit: more than a start limit counts is not needed. */
const MAX_STARTS = 50;

/**
 * systemd as far as services and sockets go. A unit runs as it was defined at the last `daemon-reload`; enabling is symlinks on the host's disk.
 * Jobs run one after another. The file is longer than most: it is one state machine, whose transitions share its slots.
 */
export class UnitManager implements AsyncDisposable {
  readonly journal: Journal;
  readonly #request: UnitManagerRequest;
  readonly #slots = new Map<string, Slot>();
  readonly #sockets: Sockets;
  /** Units of packages that have been removed. */
  readonly #removed = new Set<string>();
  #loaded: UnitDisk = { units: new Map(), links: new Map(), unmodelled: [] };
  #jobs: Promise<unknown> = Promise.resolve();

  private constructor(request: UnitManagerRequest) {
    this.#request = request;
    this.journal = request.journal;
    this.#sockets = new Sockets(request.host);
  }

  /** Starts whatever is enabled on the host's disk, all at once. */
  static async boot(request: UnitManagerRequest): Promise<UnitManager> {
    const manager = new UnitManager(request);
    const isSeeded = request.isSeeded ?? (() => false);
    manager.#loaded = await manager.#readDisk((path) => ![path, path.replace(/^\/usr/, '')].some(isSeeded));
    const enabled = manager.views().filter(({ definition }) => fileState(definition, manager.#loaded) === 'enabled');
    await manager.#job(() => Promise.all(enabled.map(({ definition }) => manager.#start(definition.name, true))));
    return manager;
  }

  daemonReload(): Promise<void> {
    return this.#job(async () => {
      this.#loaded = await this.disk();
    });
  }

  /** The host's unit files as they are now, not as they were loaded. */
  disk(): Promise<UnitDisk> {
    return this.#readDisk(() => false);
  }

  #readDisk(isAsPackaged: (path: string) => boolean): Promise<UnitDisk> {
    const units = this.#request.vendor.filter(({ name }) => !this.#removed.has(name));
    return readUnitDisk(this.#request.host, { units, isAsPackaged });
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
    const full = /\.(?:service|socket|target|timer|mount|automount|swap|slice|scope|path)$/.test(name)
      ? name
      : `${name}.service`;
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
    const { name } = definition;
    return {
      definition,
      state,
      main,
      restarts,
      socket: this.#sockets.view(name),
      triggers: isSocket(name) ? [serviceOf(definition)] : [],
      triggeredBy: socketsOf(name, this.#loaded),
    };
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
      for (const follower of followersOf(name, this.#loaded)) await this.#stop(follower);
      await this.#stop(name);
      return DONE;
    });
  }

  restart(name: string): Promise<JobResult> {
    return this.#job(async () => {
      const problem = this.#unfit(name);
      if (problem !== undefined) return problem;
      const followers = followersOf(name, this.#loaded).filter((one) => this.#slot(one).state.active === 'active');
      for (const one of [...followers, name]) await this.#stop(one);
      const result = await this.#start(name);
      for (const follower of followers.toReversed()) await this.#start(follower);
      return result;
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
  kill(name: string, signal: number): Promise<JobResult> {
    return this.#job(async () => {
      if (!this.#loaded.units.has(name)) return { outcome: 'not-found' };
      await this.#slot(name).running?.signal(signal);
      return DONE;
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
    for (const unit of this.#request.vendor) if (unit.name === name) await placeUnit(this.host, unit, installed);
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

  /** A connection from within the server to a Unix socket that systemd listens on; undefined where it does not. */
  connectUnix(path: string): Duplex | undefined {
    return this.#sockets.connect(path);
  }

  async #start(name: string, isBoot = false): Promise<JobResult> {
    const problem = this.#unfit(name);
    if (problem !== undefined) return problem;
    for (const needed of neededBy(name, this.#loaded)) {
      const { outcome } = await this.#startAlone(needed.name, isBoot);
      if (outcome === 'done' || !needed.isRequired) continue;
      const definition = this.#loaded.units.get(name);
      this.#say(name, `Dependency failed for ${definition === undefined ? name : title(definition)}.`);
      this.#say(name, `${name}: Job ${name}/start failed with result 'dependency'.`);
      return { outcome: 'dependency' };
    }
    return this.#startAlone(name, isBoot);
  }

  /** Two that need the same unit start it once. */
  #startAlone(name: string, isBoot: boolean): Promise<JobResult> {
    const slot = this.#slot(name);
    slot.starting ??= this.#begin(name, isBoot).finally(() => delete slot.starting);
    return slot.starting;
  }

  async #begin(name: string, isBoot: boolean): Promise<JobResult> {
    const problem = this.#unfit(name);
    if (problem !== undefined) return problem;
    const definition = this.#loaded.units.get(name);
    const slot = this.#slot(name);
    if (definition === undefined || slot.state.active === 'active') return DONE;
    return isSocket(name) ? this.#beginSocket(definition, isBoot) : this.#beginService(definition);
  }

  async #beginSocket(definition: UnitDefinition, isBoot: boolean): Promise<JobResult> {
    const { name } = definition;
    const slot = this.#slot(name);
    const service = serviceOf(definition);
    if (this.#slot(service).state.active === 'active') {
      this.#say(name, `${name}: Socket service ${service} already active, refusing.`);
      this.#say(name, `Failed to listen on ${title(definition)}.`);
      return { outcome: 'failed' };
    }
    const fail = (failure: StartFailure): JobResult => {
      this.#writeFailure(definition, failure, 'Control');
      slot.state = { active: 'failed', since: this.#now(), ending: { code: 'exited', status: failure.status } };
      this.#say(name, `${name}: Failed with result '${resultOf(slot.state.ending)}'.`);
      this.#say(name, `Failed to listen on ${title(definition)}.`);
      return { outcome: 'failed' };
    };
    this.#say(name, `Starting ${title(definition)}...`);
    const failure = await this.#sockets.start(definition, {
      wake: () => this.#later(() => this.#start(service)),
      ...(isBoot ? { failedLater: (late) => void fail(late) } : {}),
    });
    if (failure !== undefined) return fail(failure);
    slot.state = { active: 'active', since: this.#now() };
    this.#say(name, `Listening on ${title(definition)}.`);
    return DONE;
  }

  async #beginService(definition: UnitDefinition): Promise<JobResult> {
    const { name } = definition;
    const slot = this.#slot(name);
    slot.retry?.[Symbol.dispose]();
    const waits = ['notify', 'forking', 'oneshot'].includes(setting(definition.settings, 'Service.Type') ?? 'simple');
    if (waits) this.#say(name, `Starting ${title(definition)}...`);
    const command = await commandOf(this.#request.host, definition);
    const run: UnitRun = await UnitRun.of(name, this.#request, command, {
      ended: (ending) => this.#later(() => this.#end(definition, run, ending)),
      reload: () => this.#later(async () => (slot.running === run ? run.reload(command) : undefined)),
      listening: (path) => this.#sockets.replace(path),
      handed: this.#sockets.handedTo(name, this.#loaded),
    });
    const now = this.#request.clock.now();
    slot.starts = [...slot.starts, now].slice(-MAX_STARTS);
    slot.last = run;
    delete slot.ending;
    const failure = await run.start(command);
    if (failure === undefined) {
      slot.running = run;
      slot.state = { active: 'active', since: this.#now() };
      if (!isOneshot(definition)) this.#say(name, `Started ${title(definition)}.`);
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
    if (slot.state.active === 'inactive') return;
    if (isSocket(name)) {
      await this.#sockets.stop(name);
      this.#say(name, `${name}: Deactivated successfully.`);
      this.#say(name, `Closed ${definition === undefined ? name : title(definition)}.`);
    }
    slot.state = { active: 'inactive', since: this.#now() };
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
    const remains = isClean(ending) && isTrue(setting(settings, 'Service.RemainAfterExit'));
    if (remains) slot.state = { active: 'active', since: this.#now(), hasExited: true };
    else for (const line of exitLines(name, ending, 'Main')) this.#say(name, line);
    if (isClean(ending) && isOneshot(definition)) this.#say(name, `Finished ${title(definition)}.`);
    if (remains) return;
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
    this.#say(name, badSettingReason(name, definition.settings) ?? '');
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
