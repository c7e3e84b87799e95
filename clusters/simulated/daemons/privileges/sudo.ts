import type { Clock } from '../../clock.ts';
import type { Command, CommandCall, SimulatedHost } from '../../hosts/simulated-host.ts';
import { BASE_ENVIRONMENT } from '../../../keeper/base-environment.ts';
import { type Account, checkPassword, findAccount } from '../accounts.ts';
import { lastOption, optionTable, parseLine } from '../command-line.ts';
import { readHostText } from '../host-text.ts';
import { askPassword } from './password.ts';
import { runAs } from './run-as.ts';
import { decide, readSudoers, type Rule, rulesFor } from './sudoers.ts';

const SUDOERS = '/etc/sudoers';
/** Files that includes may lead to. */
const MAX_FILES = 50;
/** How long a password counts (timestamp_timeout); milliseconds. */
const REMEMBERED_MS = 15 * 60_000;
const TRIES = 3;

const OPTIONS = optionTable(
  '-u --user=',
  '-g --group=',
  '-i --login',
  '-s --shell',
  '-n --non-interactive',
  '-l --list',
  '-v --validate',
  '-k --reset-timestamp',
  '-K --remove-timestamp',
  '-E --preserve-env',
  '-H --set-home',
  '-S --stdin',
  '-b --background',
  '-e --edit',
  '-V --version',
);

export interface PrivilegeRequest {
  readonly host: SimulatedHost;
  readonly clock: Clock;
  /** Names a terminal uniquely on the host. */
  readonly newId: () => string;
}

/**
 * `sudo` of whoever is not root, by the host's own sudoers; the words are those of sudo 1.9.13 (plugins/sudoers). Nothing in a host is
 * set-user-id: what it allows the lab runs.
 */
export function sudo({ host, clock, newId }: PrivilegeRequest): Command {
  /** Until when a user's password need not be asked for again. */
  const remembered = new Map<number, number>();
  return async (call) => {
    const say = async (text: string): Promise<number> => {
      await call.stderr(`${text}\n`);
      return 1;
    };
    const caller = await findAccount(host, call.uid ?? 0);
    if (caller === undefined) return say('sudo: you do not exist in the passwd database');
    const line = parseLine(call.args, OPTIONS, { stopAtWord: true });
    if (line.outcome === 'wrong') return say(`sudo: ${line.complaint}\nusage: sudo -h | -K | -k | -V`);
    const { options } = line;
    for (const option of ['group', 'background', 'edit', 'version', 'stdin'])
      if (options.has(option)) return say(`not simulated: sudo --${option}`);
    if (options.has('reset-timestamp') || options.has('remove-timestamp')) {
      remembered.delete(caller.user.uid);
      if (line.words.length === 0) return 0;
    }
    const wanted = lastOption(options, 'user') ?? 'root';
    const target = await findAccount(host, /^#\d+$/.test(wanted) ? Number(wanted.slice(1)) : wanted);
    if (target === undefined)
      return say(`sudo: unknown user ${wanted}\nsudo: error initializing audit plugin sudoers_audit`);
    const rules = await allRules(host, say);
    const who = { user: caller.name, uid: caller.user.uid, groups: caller.groups, host: host.name };
    const mine = rulesFor(rules, who);

    const prove = async (): Promise<number | undefined> => {
      if ((remembered.get(caller.user.uid) ?? 0) > clock.now()) return undefined;
      if (options.has('non-interactive')) return say('sudo: a password is required');
      if (call.terminal === undefined)
        return say(
          'sudo: a terminal is required to read the password; either use the -S option to read from standard input or configure an askpass helper\nsudo: a password is required',
        );
      for (let tried = 1; tried <= TRIES; tried++) {
        const password = await askPassword(call, `[sudo] password for ${caller.name}: `);
        if (password === undefined) return say('sudo: a password is required');
        if (await checkPassword(host, caller.name, password, false)) {
          remembered.set(caller.user.uid, clock.now() + REMEMBERED_MS);
          return undefined;
        }
        if (tried < TRIES) await call.stderr('Sorry, try again.\r\n');
      }
      return say(`sudo: ${TRIES} incorrect password attempts`);
    };

    if (options.has('list')) {
      if (mine.length === 0) return say(`Sorry, user ${caller.name} may not run sudo on ${host.name}.`);
      if (mine.every(({ needsPassword }) => needsPassword)) {
        const refused = await prove();
        if (refused !== undefined) return refused;
      }
      const entries = mine.map(
        (rule) =>
          `    (${rule.runAs.join(', ')}) ${rule.needsPassword ? '' : 'NOPASSWD: '}${rule.commands.join(', ')}\n`,
      );
      await call.stdout(`User ${caller.name} may run the following commands on ${host.name}:\n${entries.join('')}`);
      return 0;
    }
    const asked = commandOf(
      call,
      line.words,
      { login: options.has('login'), shell: options.has('shell') },
      target,
      caller,
    );
    if (asked.argv.length === 0 && !options.has('validate'))
      return say('usage: sudo -h | -K | -k | -V\nusage: sudo -v [-ABkNnS] [-g group] [-h host] [-p prompt] [-u user]');
    const program = options.has('validate') ? '' : await found(host, asked.argv[0] ?? '', call.cwd);
    const decision = options.has('validate')
      ? mine.length === 0
        ? 'denied'
        : 'password'
      : decide(rules, {
          ...who,
          runAs: target.name,
          command: [program ?? asked.argv[0] ?? '', ...asked.argv.slice(1)],
        });
    if (decision !== 'allowed') {
      const refused = await prove();
      if (refused !== undefined) return refused;
    }
    if (options.has('validate')) return 0;
    if (decision === 'denied') {
      if (mine.length === 0)
        return say(`${caller.name} is not in the sudoers file.\nThis incident has been reported to the administrator.`);
      return say(
        `Sorry, user ${caller.name} is not allowed to execute '${[program ?? asked.argv[0], ...asked.argv.slice(1)].join(' ')}' as ${target.name} on ${host.name}.`,
      );
    }
    if (program === undefined) return say(`sudo: ${asked.argv[0] ?? ''}: command not found`);
    return runAs({
      host,
      call,
      newId,
      account: target,
      argv: [program, ...asked.argv.slice(1)],
      cwd: asked.cwd,
      env: {
        ...asked.env,
        ...(call.env['TERM'] === undefined ? {} : { TERM: call.env['TERM'] }),
        PATH: BASE_ENVIRONMENT.PATH,
        HOME: target.home,
        USER: target.name,
        LOGNAME: target.name,
        SHELL: target.shell,
        SUDO_USER: caller.name,
        SUDO_UID: String(caller.user.uid),
        SUDO_GID: String(caller.user.gid),
        SUDO_COMMAND: [program, ...asked.argv.slice(1)].join(' '),
      },
    });
  };
}

/** What is to be run, where, and with which variables that were given on the command line. */
function commandOf(
  call: CommandCall,
  words: readonly string[],
  { login, shell }: { readonly login: boolean; readonly shell: boolean },
  target: Account,
  caller: Account,
): { readonly argv: readonly string[]; readonly env: Readonly<Record<string, string>>; readonly cwd: string } {
  const first = words.findIndex((word) => !/^\w+=/.test(word));
  const command = first < 0 ? [] : words.slice(first);
  const env = Object.fromEntries(
    (first < 0 ? words : words.slice(0, first)).map((word) => word.split(/=(.*)/s).slice(0, 2) as [string, string]),
  );
  const program = login ? target.shell : caller.shell;
  const cwd = login ? target.home : call.cwd;
  if (!login && !shell) return { argv: command, env, cwd };
  const line = command.map((word) => word.replaceAll(/[^\w@%+=:,./-]/g, String.raw`\$&`)).join(' ');
  return { argv: [program, ...(login ? ['-l'] : []), ...(command.length === 0 ? [] : ['-c', line])], env, cwd };
}

/** A program's path, as secure_path leads to it; undefined where there is none. */
async function found(host: SimulatedHost, name: string, cwd: string): Promise<string | undefined> {
  const argv = ['/bin/sh', '-c', 'command -v -- "$1"', 'sh', name];
  const { stdout } = await host
    .exec(argv, { cwd, signal: AbortSignal.timeout(5000), maxBytes: 4096 })
    .catch(() => ({ stdout: '' }));
  const path = String(stdout).trim();
  return path.startsWith('/') ? path : undefined;
}

async function allRules(host: SimulatedHost, say: (text: string) => Promise<number>): Promise<readonly Rule[]> {
  const rules: Rule[] = [];
  const waiting = [SUDOERS];
  for (let read = 0; read < MAX_FILES; read++) {
    const path = waiting.shift();
    if (path === undefined) break;
    const text = await readHostText(host, path).catch(() => undefined);
    if (text === undefined) continue;
    const file = readSudoers(path, text);
    for (const complaint of file.complaints) await say(complaint);
    rules.push(...file.rules);
    const included = await Promise.all(
      file.included.map(async ({ kind, path: to }) =>
        kind === 'file'
          ? [to]
          : ((await host.listFolder(to)) ?? []).filter((name) => !/[.~]/.test(name)).map((name) => `${to}/${name}`),
      ),
    );
    waiting.unshift(...included.flat());
  }
  return rules;
}
