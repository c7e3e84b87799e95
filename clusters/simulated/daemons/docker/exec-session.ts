import type { Duplex, Readable } from 'node:stream';
import { StartFailure } from '../../pods/sandbox.ts';
import type { EngineContainer } from './engine-container.ts';
import { variables } from './container-config.ts';
import type { ContainerRun } from './container-run.ts';
import { accountOf, argvAs } from './image-accounts.ts';
import { EngineRefusal } from './refusal.ts';

/** What is read of a container's passwd and group, bytes. */
const MAX_ACCOUNTS = 64 * 1024;

export interface ExecConfig {
  readonly argv: readonly string[];
  readonly tty: boolean;
  readonly env: readonly string[];
  readonly workingDir: string;
  /** Empty for its container's. */
  readonly user: string;
}

/** Where its output goes. */
export interface ExecOutput {
  show(stream: 'stdout' | 'stderr', bytes: Buffer): void;
  carry(stream: 'stdout' | 'stderr', from: Readable): Promise<void>;
}

/** A further program in a container: made, started once, asked how it went. */
export class ExecSession {
  readonly id: string;
  readonly container: EngineContainer;
  readonly config: ExecConfig;
  exitCode: number | undefined;
  isRunning = false;
  #hasBegun = false;
  #resize: ((cols: number, rows: number) => void) | undefined;
  #size: readonly [cols: number, rows: number] | undefined;

  constructor(id: string, container: EngineContainer, config: ExecConfig) {
    this.id = id;
    this.container = container;
    this.config = config;
  }

  /** Throws `EngineRefusal` when it was started already or its container is gone. */
  mustStart(): ContainerRun {
    if (this.#hasBegun) throw new EngineRefusal(409, `Error: Exec command ${this.id} is already running`);
    const { run } = this.container;
    if (run === undefined) throw notRunning(this.container);
    return run;
  }

  /** Runs it to its end. Throws `EngineRefusal`, see `mustStart`; a program that is not there says so in its output. */
  async start(input: Duplex | undefined, output: ExecOutput | undefined, signal: AbortSignal): Promise<void> {
    const run = this.mustStart();
    this.#hasBegun = this.isRunning = true;
    try {
      this.exitCode = await (this.config.tty
        ? this.#onTerminal(run, input, output)
        : this.#withPipes(run, input, output, signal));
    } catch (error) {
      if (!(error instanceof StartFailure)) throw error;
      this.exitCode = /executable file not found|no such file/.test(error.message) ? 127 : 126;
      const words = `OCI runtime exec failed: exec failed: unable to start container process: ${error.message}: unknown`;
      output?.show('stdout', Buffer.from(`${words}\r\n`));
    } finally {
      this.isRunning = false;
    }
  }

  async #onTerminal(run: ContainerRun, input: Duplex | undefined, output: ExecOutput | undefined): Promise<number> {
    const { argv, home } = await this.#as(run);
    const shell = await run.process.execOnTerminal(argv, { TERM: 'xterm', ...this.#env(run), ...home }, this.#cwd(run));
    this.#resize = (cols, rows) => shell.resize(cols, rows);
    if (this.#size !== undefined) shell.resize(...this.#size);
    input?.on('data', (bytes: Buffer) => void shell.write(bytes).catch(() => undefined)); // it has ended
    input?.once('close', () => void shell.kill().catch(() => undefined));
    if (output === undefined) shell.output.resume();
    else await output.carry('stdout', shell.output);
    return shell.exited;
  }

  async #withPipes(
    run: ContainerRun,
    input: Duplex | undefined,
    output: ExecOutput | undefined,
    signal: AbortSignal,
  ): Promise<number> {
    const { argv, home } = await this.#as(run);
    const program = await run.process.exec(argv, { ...this.#env(run), ...home }, this.#cwd(run), signal);
    program.stdin.on('error', () => undefined); // it may end before it has read its input
    if (input === undefined) program.stdin.end();
    else input.pipe(program.stdin);
    const shown = (['stdout', 'stderr'] as const).map(async (stream) => {
      if (output === undefined) program[stream].resume();
      else await output.carry(stream, program[stream]);
    });
    const exitCode = await program.exited;
    await Promise.all(shown);
    return exitCode;
  }

  /** Its words, said as whom it is to run as. Throws `EngineRefusal`. */
  async #as(run: ContainerRun): Promise<{ argv: readonly string[]; home: { HOME?: string } }> {
    const { argv, user } = this.config;
    if (user === '') return { argv, home: {} };
    const text = async (path: string): Promise<string> =>
      String((await run.process.readFile(path, MAX_ACCOUNTS)) ?? '');
    const account = accountOf(user, await text('/etc/passwd'), await text('/etc/group'));
    const { launch } = await run.container.started;
    const home = { HOME: account.home };
    if (account.uid === launch.uid) return { argv, home };
    if (launch.uid !== 0)
      throw new EngineRefusal(501, `not simulated: ${user} in a container that does not run as root`);
    return { argv: argvAs(account, argv), home };
  }

  #env({ env }: ContainerRun): Record<string, string> {
    return { ...env, ...variables(this.config.env) };
  }

  #cwd({ cwd }: ContainerRun): string {
    return this.config.workingDir === '' ? cwd : this.config.workingDir;
  }

  resize(cols: number, rows: number): void {
    this.#size = [cols, rows];
    this.#resize?.(cols, rows);
  }
}

export const notRunning = ({ id, state }: EngineContainer): EngineRefusal =>
  new EngineRefusal(
    409,
    state === 'restarting'
      ? `Container ${id} is restarting, wait until the container is running`
      : `container ${id} is not running`,
  );
