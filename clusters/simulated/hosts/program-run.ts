import type { ExecOptions, ExecResult } from '../../cluster.ts';
import { BASE_ENVIRONMENT } from '../../keeper/base-environment.ts';
import { collected, keptProgram, programFields } from '../../keeper/kept-program.ts';
import type { HostUser } from './host-user.ts';
import type { LiveProgram, ProgramOptions } from './simulated-host.ts';
import type { Supervisor } from './supervisor.ts';

/**
 * Starts a program in a host through a keeper (agent/session.pl, `keep_program`). Rejects with the signal's reason on abort; that the
 * program could not be started, or was ended with its host, is what `exited` rejects with. Output that nobody reads holds it up.
 */
export async function spawnProgram(
  supervisor: Supervisor,
  host: string,
  argv: readonly string[],
  options: ProgramOptions,
): Promise<LiveProgram> {
  return spawnBare(supervisor, host, argv, { ...options, env: { ...BASE_ENVIRONMENT, ...options.env } });
}

/** The same with no other environment than the given one, as in a container. The reason of a failed start is the error's `cause`. */
export async function spawnBare(
  supervisor: Supervisor,
  host: string,
  argv: readonly string[],
  options: ProgramOptions,
): Promise<LiveProgram> {
  options.signal.throwIfAborted();
  const words = programFields(options.cwd ?? '/root', options.env ?? {}, argv);
  const by = [userField(options.user), loginField(options.login)] as const;
  const { socket } = await supervisor.askForSocket('exec', host, ...by, ...words);
  return keptProgram(socket, { name: argv[0] ?? '', host, signal: options.signal });
}

/** Runs a program to its end and collects what it writes. Rejects as `spawnProgram` and its `exited` do. */
export async function runProgram(
  supervisor: Supervisor,
  host: string,
  argv: readonly string[],
  options: ExecOptions,
): Promise<ExecResult> {
  return collected(await spawnProgram(supervisor, host, argv, options), options);
}

/** Who is logged in, in one word; empty for a program that is not observed. */
export const loginField = (uid: number | undefined): string => (uid === undefined ? '' : `${uid}`);

/** User, group and further groups in one word, as agent/main.pl takes them. */
export const userField = (user: HostUser | undefined): string =>
  user === undefined ? '' : [user.uid, user.gid, ...user.groups].join(' ');
