import { Writable } from 'node:stream';
import type { CommandCall, SimulatedHost } from '../../hosts/simulated-host.ts';
import type { Account } from '../accounts.ts';
import { runBetween } from '../sshd/live-program.ts';

export interface RunAs {
  readonly host: SimulatedHost;
  readonly call: CommandCall;
  readonly account: Account;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** Names a terminal uniquely on the host. */
  readonly newId: () => string;
}

/**
 * Runs a program as an account for whoever called a command: on a terminal of its own where the caller has one, as sudo's `use_pty` and su's
 * `--pty` do. Resolves with its status.
 */
export async function runAs({ host, call, account, argv, env, cwd, newId }: RunAs): Promise<number> {
  const { terminal, signal } = call;
  const { user } = account;
  const login = call.uid ?? 0;
  if (terminal === undefined) {
    const streams = { input: call.stdin, output: sink(call, 'stdout'), errors: sink(call, 'stderr') };
    return runBetween(host, argv, { user, login, env, cwd, signal }, streams);
  }
  const { cols, rows } = terminal;
  const shell = await host.openTerminal(argv, { session: newId(), cols, rows, user, login, env, cwd });
  const end = (): void => void shell.kill().catch(() => undefined); // it may have ended already
  signal.addEventListener('abort', end, { once: true });
  terminal.takeKeys((width, height) => shell.resize(width, height));
  call.stdin.on('data', (keys: Buffer) => {
    call.stdin.pause();
    shell
      .write(keys)
      .catch(() => undefined) // the same
      .finally(() => call.stdin.resume());
  });
  call.stdin.resume();
  for await (const bytes of shell.output as AsyncIterable<Buffer>) await call.stdout(bytes);
  return shell.exited;
}

function sink(call: CommandCall, stream: 'stdout' | 'stderr'): Writable {
  const write = async (bytes: Buffer, done: (error?: Error) => void): Promise<void> => {
    try {
      await call[stream](bytes);
      done();
    } catch (error) {
      done(error instanceof Error ? error : new Error(String(error)));
    }
  };
  return new Writable({ write: (bytes: Buffer, _encoding, done) => void write(bytes, done) });
}
