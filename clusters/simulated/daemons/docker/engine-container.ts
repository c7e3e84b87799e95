import type { Clock } from '../../clock.ts';
import type { LogQuery } from '../../pods/log-ring.ts';
import type { LogRing } from '../../pods/log-ring.ts';
import type { Output } from '../../pods/real-container.ts';
import type { ContainerConfig } from './container-config.ts';
import { programOf } from './container-launch.ts';
import { type ContainerRun, type RunRequest, startRun } from './container-run.ts';
import type { EngineImage } from './engine-images.ts';
import { EngineRefusal } from './refusal.ts';

export type ContainerState = 'created' | 'running' | 'restarting' | 'exited';

/** Logs of runs that are kept of a container that was started again. */
const MAX_RUNS = 5;
/** The delay before a restart, doubled each time (moby restartmanager). */
const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 60_000;
const SIGKILL = 9;

/** Who listens to a container, and hears of its end. */
export interface Attachment {
  readonly output: Output;
  readonly ended: () => void;
}

export interface EngineContainerParts {
  readonly id: string;
  readonly name: string;
  readonly image: EngineImage;
  readonly config: ContainerConfig;
  readonly clock: Clock;
  /** What a run needs of the engine, asked at each start. */
  readonly place: () => Promise<Pick<RunRequest, 'host' | 'sandboxes' | 'network' | 'noNewPrivileges' | 'fault'>>;
  /** Hears that it has ended and will not be started again. */
  readonly gone: (container: EngineContainer) => void;
}

/** A container of an engine: what it is to be, how it goes, what it has written. */
export class EngineContainer {
  readonly id: string;
  name: string;
  readonly image: EngineImage;
  readonly config: ContainerConfig;
  /** Milliseconds since 1970. */
  readonly created: number;
  startedAt = 0;
  finishedAt = 0;
  exitCode = 0;
  /** Why it could not be started. */
  error = '';
  restarts = 0;
  readonly #parts: EngineContainerParts;
  readonly #logs: LogRing[] = [];
  readonly #attached = new Set<Attachment>();
  #state: ContainerState = 'created';
  #run: ContainerRun | undefined;
  #starting: Promise<void> | undefined;
  #wantsToRun = false;
  #delay: Disposable | undefined;
  #waiting: (() => void)[] = [];
  #early: Buffer[] = [];
  #hasInputEnded = false;
  #size: readonly [cols: number, rows: number] | undefined;

  constructor(parts: EngineContainerParts) {
    this.#parts = parts;
    this.id = parts.id;
    this.name = parts.name;
    this.image = parts.image;
    this.config = parts.config;
    this.created = parts.clock.now();
  }

  get state(): ContainerState {
    return this.#state;
  }

  /** The present run; undefined unless it runs. */
  get run(): ContainerRun | undefined {
    return this.#run;
  }

  /** The words of its process. */
  get argv(): readonly string[] {
    return programOf(this.config, this.image).argv;
  }

  /** Starts it unless it runs. Throws `EngineRefusal`, which is then its `error` as well. */
  async start(): Promise<void> {
    this.#delay?.[Symbol.dispose]();
    this.#wantsToRun = true;
    this.#starting ??= this.#start().finally(() => (this.#starting = undefined));
    await this.#starting;
  }

  async #start(): Promise<void> {
    if (this.#run !== undefined) return;
    try {
      const place = await this.#parts.place();
      const { id, name, image, config } = this;
      const output: Output = (stream, bytes) => {
        for (const attachment of this.#attached) attachment.output(stream, bytes);
      };
      const run = await startRun({ id, name, image, config, clock: this.#parts.clock, output, ...place });
      this.#run = run;
      this.#logs.push(run.container.log);
      this.#logs.splice(0, this.#logs.length - MAX_RUNS);
      this.#state = 'running';
      this.startedAt = this.#parts.clock.now();
      this.error = '';
      if (this.#size !== undefined) this.resize(...this.#size);
      for (const bytes of this.#early.splice(0)) this.input(bytes);
      if (this.#hasInputEnded) this.endInput();
      void run.ended.then((exitCode) => this.#ended(exitCode));
    } catch (error) {
      const refusal =
        error instanceof EngineRefusal
          ? error
          : new EngineRefusal(500, error instanceof Error ? error.message : String(error), { cause: error });
      this.error = refusal.message;
      this.exitCode = /executable file not found|no such file or directory/.test(refusal.message) ? 127 : 126;
      this.#wantsToRun = false;
      for (const attachment of this.#attached) attachment.ended();
      throw refusal;
    }
  }

  #ended(exitCode: number): void {
    const { clock, gone } = this.#parts;
    this.#run = undefined;
    this.exitCode = exitCode;
    this.finishedAt = clock.now();
    for (const attachment of this.#attached) attachment.ended();
    const { policy, most } = this.config.restart;
    const again =
      this.#wantsToRun &&
      (policy === 'always' ||
        policy === 'unless-stopped' ||
        (policy === 'on-failure' && exitCode !== 0 && (most === 0 || this.restarts < most)));
    this.#state = again ? 'restarting' : 'exited';
    if (again) {
      const delay = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** this.restarts);
      this.restarts += 1;
      this.#delay = clock.after(delay, () => void this.start().catch(() => undefined)); // its error tells
    } else gone(this);
    for (const wake of this.#waiting.splice(0)) wake();
  }

  /** Sends a signal to its process; the restart policy does not bring back what SIGKILL or SIGTERM ended. */
  async signal(number: number): Promise<void> {
    const run = this.#run;
    if (run === undefined)
      throw new EngineRefusal(409, `cannot kill container: ${this.name}: container ${this.id} is not running`);
    if ([SIGKILL, 15].includes(number)) this.#wantsToRun = false;
    await run.process.signal(number);
    if (number === SIGKILL) await run.ended;
  }

  /** SIGTERM, and SIGKILL so many milliseconds later. */
  async stop(patience: number): Promise<void> {
    this.#wantsToRun = false;
    this.#delay?.[Symbol.dispose]();
    if (this.#state === 'restarting') this.#state = 'exited';
    const run = this.#run;
    if (run === undefined) return;
    const late = this.#parts.clock.after(patience, () => void run.process.signal(SIGKILL));
    await run.process.signal(15);
    await run.ended;
    late[Symbol.dispose]();
  }

  /** Resolves with its exit status: at once where that is enough (`not-running`) and it does not run, else after its next end. */
  async wait(condition: string, signal: AbortSignal): Promise<number> {
    const isOver = condition === 'not-running' && this.#state !== 'running' && this.#state !== 'restarting';
    if (!isOver)
      await new Promise<void>((resolve, reject) => {
        this.#waiting.push(resolve);
        signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
      });
    return this.exitCode;
  }

  attach(attachment: Attachment): Disposable {
    this.#attached.add(attachment);
    return { [Symbol.dispose]: () => void this.#attached.delete(attachment) };
  }

  /** What comes before it has started waits. */
  input(bytes: Buffer): void {
    if (this.#run === undefined) {
      if (this.#early.length < 64) this.#early.push(bytes);
      return;
    }
    const { stdin, terminal } = this.#run.process;
    if (stdin?.writable === true) stdin.write(bytes);
    void terminal?.write(bytes).catch(() => undefined); // it has ended
  }

  endInput(): void {
    this.#hasInputEnded = true;
    this.#run?.process.stdin?.end();
  }

  resize(cols: number, rows: number): void {
    this.#size = [cols, rows];
    this.#run?.process.terminal?.resize(cols, rows);
  }

  /** What it has written, run after run, and with `follow` what the present run goes on to write. */
  async *log(query: LogQuery, signal: AbortSignal) {
    const [last] = this.#logs.slice(-1);
    if (last === undefined) return;
    if (query.tailLines === undefined)
      for (const log of this.#logs.slice(0, -1)) yield* log.lines({ ...query, follow: false }, signal);
    yield* last.lines(query, signal);
  }
}
