import type { ContainerLaunch, ContainerProcess } from './sandbox.ts';
import { LogRing } from './log-ring.ts';

/** How a container's process ended. `reason` as in `state.terminated` where it is not plain from the code. */
export interface ContainerExit {
  readonly exitCode: number;
  readonly reason?: string;
  readonly message?: string;
}

export type Output = (stream: 'stdout' | 'stderr', bytes: Buffer) => void;

/** What a run was started as. */
export interface StartedContainer {
  readonly process: ContainerProcess;
  readonly launch: ContainerLaunch;
  /** Why it ended, in its own words; its log is whole by then. */
  readonly lastWords?: (exitCode: number, log: LogRing) => Promise<string | undefined>;
}

/** One run of a container: its process, what it wrote and who listens, and how it ended. */
export class RealContainer {
  /** `containerd://…` as in the pod's status. */
  readonly id: string;
  readonly log: LogRing;
  /** Rejects when it could not be started. */
  readonly started: Promise<StartedContainer>;
  readonly ended: Promise<ContainerExit>;
  #exit: ContainerExit | undefined;
  readonly #listeners = new Set<Output>();
  #modelledExit: number | undefined;

  constructor(id: string, now: () => number, start: () => Promise<StartedContainer>) {
    this.id = id;
    this.log = new LogRing(now);
    this.started = start();
    this.ended = this.#follow();
  }

  get exit(): ContainerExit | undefined {
    return this.#exit;
  }

  /** Hears of all output from now on. */
  listen(output: Output): Disposable {
    this.#listeners.add(output);
    return { [Symbol.dispose]: () => void this.#listeners.delete(output) };
  }

  /** What a container whose program is modelled writes. */
  say(stream: 'stdout' | 'stderr', bytes: Buffer): void {
    this.log.add(stream, bytes);
    for (const listener of this.#listeners) listener(stream, bytes);
  }

  /** The status of a modelled program that has ended; the process that held its place is to be killed. */
  endWith(exitCode: number): void {
    this.#modelledExit = exitCode;
  }

  /** Once it has started; a container that never did, or has ended, takes no signal. */
  async signal(number: number): Promise<void> {
    const running = await this.started.catch(() => undefined);
    if (this.#exit === undefined) await running?.process.signal(number);
  }

  async #follow(): Promise<ContainerExit> {
    try {
      const { process, launch, lastWords } = await this.started;
      let last = '';
      const hear = (stream: 'stdout' | 'stderr') => (bytes: Buffer) => {
        if (stream === 'stderr') last = bytes.toString('latin1').slice(-LAST_WORDS);
        this.say(stream, bytes);
      };
      process.stdout.on('data', hear('stdout'));
      process.stderr.on('data', hear('stderr'));
      process.terminal?.output.on('data', hear('stdout'));
      const exitCode = await process.exited;
      await Promise.all([process.stdout, process.stderr, process.terminal?.output].map((stream) => drained(stream)));
      if (this.#modelledExit !== undefined) this.#exit = { exitCode: this.#modelledExit };
      else {
        const how = ranOut(launch, exitCode, last) ? { exitCode: 137, reason: 'OOMKilled' } : { exitCode };
        this.log.close();
        const message = await lastWords?.(exitCode, this.log);
        this.#exit = message === undefined ? how : { ...how, message };
      }
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.#exit = { exitCode: 128, reason: 'StartError', message: startErrorText(why) };
    }
    this.log.close();
    return this.#exit;
  }
}

/** Characters of the error output that are kept to find out why a process ended. */
const LAST_WORDS = 200;

/**
 * Whether a process ended because it wanted more than its container's limit. A lab has no cgroup in which the kernel would kill it: a
 * program is refused the memory, and busybox's say so and end.
 */
const ranOut = ({ memory }: ContainerLaunch, exitCode: number, last: string): boolean =>
  memory !== undefined && exitCode !== 0 && /out of memory|can't allocate memory/i.test(last);

/** What is still on its way when the process has gone; a program it left behind holds its pipes for no longer than this. */
const DRAIN_MS = 100;

async function drained(stream: NodeJS.ReadableStream | undefined): Promise<void> {
  if (stream === undefined || !stream.readable) return;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, DRAIN_MS);
    const done = (): void => {
      clearTimeout(timer);
      resolve();
    };
    stream.once('end', done);
    stream.once('close', done);
  });
}

/** containerd's and runc's words around why a process did not start, unless it is whole already. */
const startErrorText = (why: string): string =>
  /^(?:not simulated|failed to )/.test(why)
    ? why
    : 'failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: ' +
      `unable to start container process: error during container init: ${why}`;
