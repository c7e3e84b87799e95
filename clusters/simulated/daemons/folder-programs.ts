import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { ExecOptions, ExecResult, Shell, ShellOptions } from '../../cluster.ts';
import type { LiveProgram, ProgramOptions, TerminalOptions } from '../hosts/simulated-host.ts';

/** Programs in a folder of this machine that bubblewrap shows them as the whole file system, for tests. */
export class FolderPrograms {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  /** `SimulatedHost.exec` */
  async exec(argv: readonly string[], options: ExecOptions): Promise<ExecResult> {
    const child = spawn('bwrap', this.#bwrap(argv, options.cwd ?? '/'), {
      env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', ...options.env },
      signal: options.signal,
      killSignal: 'SIGKILL',
    });
    child.stdin.on('error', () => {}); // a program may end before it has read its input
    child.stdin.end(options.stdin ?? '');
    const [stdout, stderr, [code]] = await Promise.all([
      buffer(child.stdout),
      buffer(child.stderr),
      once(child, 'close'),
    ]);
    const exitCode = typeof code === 'number' ? code : 137;
    return {
      exitCode,
      stdout,
      stderr,
      truncated: false,
    };
  }

  /** `SimulatedHost.spawn` */
  async spawn(argv: readonly string[], options: ProgramOptions): Promise<LiveProgram> {
    const child = spawn('bwrap', this.#bwrap(argv, options.cwd ?? '/root'), {
      env: { PATH: '/usr/local/bin:/usr/bin:/bin', ...options.env },
      signal: options.signal,
      killSignal: 'SIGKILL',
    });
    child.on('error', () => {}); // an abort, which the caller asked for
    const exited = once(child, 'close').then(([code]) => (typeof code === 'number' ? code : 137));
    return { stdin: child.stdin, stdout: child.stdout, stderr: child.stderr, exited };
  }

  /** `SimulatedHost.openTerminal` */
  async openTerminal(argv: readonly string[], options: ShellOptions & TerminalOptions): Promise<Shell> {
    const quoted = argv.map((word) => `'${word.replaceAll("'", String.raw`'\''`)}'`).join(' ');
    const child = spawn('bwrap', this.#bwrap(['script', '-qefc', quoted, '/dev/null'], options.cwd ?? '/root'), {
      env: { PATH: '/usr/bin:/bin', TERM: 'dumb', PS1: '# ', ...options.env },
    });
    const output = new PassThrough();
    child.stdout.pipe(output);
    const exited = once(child, 'close').then(([code]) => (typeof code === 'number' ? code : 137));
    return {
      output,
      resumed: false,
      exited,
      write: async (keys) => void child.stdin.write(keys),
      resize: () => {},
      kill: async () => void child.kill('SIGKILL'),
      [Symbol.asyncDispose]: async () => void child.kill('SIGKILL'),
    };
  }

  #bwrap(argv: readonly string[], cwd: string): string[] {
    const mounts = ['--bind', this.#root, '/', '--ro-bind', '/usr', '/usr', '--proc', '/proc', '--dev', '/dev'];
    return [...mounts, '--unshare-pid', '--die-with-parent', '--chdir', cwd, '--', ...argv];
  }
}
