import { randomBytes } from 'node:crypto';
import { accessSync, constants } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What a command may know of the process it runs in. Made once, in main.ts. */
export interface CommandContext {
  /** The checkout: where scenarios/, web/ and package-lock.json lie. */
  readonly project: string;
  /** What can be fetched or built again: kubectl, templates of hosts. */
  readonly cacheDirectory: string;
  /** What cannot: the server's database, and how to reach a running server. For this user only. */
  readonly dataDirectory: string;
  readonly env: NodeJS.ProcessEnv;
  readonly path: string;
  readonly node: string;
  readonly pid: number;
  readonly isRoot: boolean;
  readonly architecture: string;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly stdin: NodeJS.ReadStream;
  /** Whether standard output shows colours: a terminal that can, unless NO_COLOR or TERM=dumb says no. */
  readonly colour: boolean;
  /** Aborted by the first Ctrl-C or SIGTERM; the second ends the process at once. */
  readonly signal: AbortSignal;
  readonly now: () => number;
  readonly random: (bytes: number) => Uint8Array;
}

export function contextOf(process: NodeJS.Process, signal: AbortSignal): CommandContext {
  const project = dirname(dirname(fileURLToPath(import.meta.url)));
  const { env } = process;
  const isRoot = process.getuid?.() === 0;
  return {
    project,
    cacheDirectory: env['BREACHLAB_CACHE'] ?? cacheDirectory(project, isRoot),
    dataDirectory: env['BREACHLAB_DATA'] ?? join(env['XDG_STATE_HOME'] ?? join(homedir(), '.local/state'), 'breachlab'),
    env,
    path: env['PATH'] ?? '',
    node: process.execPath,
    pid: process.pid,
    isRoot,
    architecture: process.arch,
    stdout: process.stdout,
    stderr: process.stderr,
    stdin: process.stdin,
    colour: process.stdout.isTTY && process.stdout.hasColors(),
    signal,
    now: Date.now,
    random: randomBytes,
  };
}

/**
 * Root's labs run as another user, who may not look into root's home; so root keeps what the hosts need where everybody may read it.
 */
function cacheDirectory(project: string, isRoot: boolean): string {
  const system = '/var/cache';
  try {
    if (isRoot) accessSync(system, constants.W_OK);
  } catch {
    return join(project, '.cache');
  }
  return isRoot ? join(system, 'breachlab') : join(project, '.cache');
}
