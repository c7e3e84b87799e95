import type { Shell, ShellOptions } from '../../cluster.ts';
import { BASE_ENVIRONMENT } from '../../keeper/base-environment.ts';
import { programFields } from '../../keeper/kept-program.ts';
import { assertSession, boundedSize, terminalInput } from '../../keeper/kept-terminal.ts';
import { loginField, userField } from './program-run.ts';
import type { TerminalOptions } from './simulated-host.ts';
import type { Supervisor } from './supervisor.ts';

/**
 * Opens, or attaches to, a terminal that a keeper in the lab holds (agent/session.pl, `keep_terminal`). It lives on when the
 * connection goes; the newest connection has it. While nobody is attached the last 64 KB of output are kept.
 * `bare` is for containers: no environment but the given one.
 */
export async function openHostTerminal(
  supervisor: Supervisor,
  host: string,
  argv: readonly string[],
  options: ShellOptions & TerminalOptions & { readonly bare?: true },
): Promise<Shell> {
  assertSession(options.session);
  const size = [boundedSize(options.rows), boundedSize(options.cols)] as const;
  const env =
    options.bare === true ? { ...options.env } : { ...BASE_ENVIRONMENT, TERM: 'xterm-256color', ...options.env };
  const words = programFields(options.cwd ?? '/root', env, argv);
  const by = [userField(options.user), loginField(options.login)] as const;
  const { socket, fields } = await supervisor.askForSocket('shell', host, ...by, options.session, ...size, ...words);
  socket.on('error', () => undefined); // the keeper is gone: the stream closes
  const resumed = String(fields[0]) === '1';
  const shell = Number(fields[1]);
  const exited = supervisor.shellEnded(shell);
  const input = terminalInput(socket);
  if (resumed) input.resize(options.cols, options.rows);
  return {
    output: socket,
    resumed,
    exited,
    ...input,
    async kill() {
      await supervisor.ask('end-shell', shell);
      await exited;
    },
    // oxlint-disable-next-line typescript/require-await -- the contract's dispose is asynchronous
    async [Symbol.asyncDispose]() {
      socket.destroy();
    },
  };
}
