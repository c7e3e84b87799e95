import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { descendants, type ProcessMark, survivors } from '../../clusters/simulated/hosts/processes.ts';

export const PROJECT = join(import.meta.dirname, '../..');
const CLI = [process.execPath, '--disable-warning=ExperimentalWarning', join(PROJECT, 'cli/main.ts')];

export interface CommandEnd {
  /** 128 + signal number for a command that was killed. */
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A machine's user for the command line: a home, a data directory and a /tmp of their own, all of it gone in the end. */
export class CommandLine implements AsyncDisposable {
  readonly #root: string;
  readonly #running = new Set<RunningCommand>();

  private constructor(root: string) {
    this.#root = root;
  }

  static async open(): Promise<CommandLine> {
    const line = new CommandLine(await mkdtemp(join(tmpdir(), 'breachlab-journey-')));
    for (const folder of ['tmp', 'home', 'scratch']) await mkdir(line.path(folder), { recursive: true });
    return line;
  }

  /** A place for a test's own files. */
  path(...parts: readonly string[]): string {
    return join(this.#root, ...parts);
  }

  /** Starts `breachlab …`. `through` goes in front: the words of a program that runs it, for instance unshare. */
  start(
    args: readonly string[],
    { env = {}, through = [] }: { env?: Readonly<NodeJS.ProcessEnv>; through?: readonly string[] } = {},
  ): RunningCommand {
    const [file = '', ...rest] = [...through, ...CLI, ...args];
    const own = { HOME: this.path('home'), BREACHLAB_DATA: this.path('data'), TMPDIR: this.path('tmp') };
    const child = spawn(file, rest, {
      cwd: this.path('scratch'),
      env: { ...process.env, NODE_COMPILE_CACHE: join(PROJECT, '.cache/compile'), ...own, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const command = new RunningCommand(child);
    this.#running.add(command);
    return command;
  }

  run(...start: Parameters<CommandLine['start']>): Promise<CommandEnd> {
    return this.start(...start).ended;
  }

  /** What commands have left in /tmp, and in the data directory besides the database. */
  async leftBehind(): Promise<readonly string[]> {
    const data = await readdir(this.path('data')).catch(() => []);
    return [...(await readdir(this.path('tmp'))), ...data.filter((name) => !name.startsWith('breachlab.sqlite'))];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const command of this.#running) command.killAll();
    await Promise.all([...this.#running].map(({ ended }) => ended));
    await rm(this.#root, { recursive: true, force: true });
  }
}

/** A command under way. */
export class RunningCommand {
  readonly pid: number;
  readonly ended: Promise<CommandEnd>;
  readonly #child: ChildProcess;
  readonly #heard = new EventTarget();
  #stdout = '';
  #stderr = '';
  #over = false;

  constructor(child: ChildProcess) {
    this.#child = child;
    this.pid = child.pid ?? 0;
    child.stdout?.setEncoding('utf8').on('data', (text: string) => this.#hear(() => (this.#stdout += text)));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => this.#hear(() => (this.#stderr += text)));
    this.ended = this.#end();
  }

  async #end(): Promise<CommandEnd> {
    const [code, signal] = (await once(this.#child, 'close')) as [number | null, NodeJS.Signals | null];
    this.#hear(() => (this.#over = true));
    const exitCode = code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
    return { exitCode, stdout: this.#stdout, stderr: this.#stderr };
  }

  #hear(note: () => void): void {
    note();
    this.#heard.dispatchEvent(new Event('heard'));
  }

  /** Waits until standard output or standard error shows that; the match. Rejects when the command ends first. */
  async says(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.#stdout) ?? pattern.exec(this.#stderr);
      if (match !== null) return match;
      if (this.#over) throw new Error(`it ended without ${pattern}:\n${this.#stdout}${this.#stderr}`);
      await new Promise((resolve) => this.#heard.addEventListener('heard', resolve, { once: true }));
    }
  }

  /** Everything that runs below it now. */
  below(): readonly ProcessMark[] {
    return descendants(this.pid);
  }

  kill(signal: NodeJS.Signals): void {
    if (!this.#over) this.#child.kill(signal);
  }

  /** The command and all below it: one of them may hold its standard output open. */
  killAll(): void {
    if (this.#over) return;
    const below = survivors(this.below());
    this.#child.kill('SIGKILL');
    for (const { pid } of survivors(below)) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It ended while the others were being ended.
      }
    }
  }
}
