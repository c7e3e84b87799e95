import { fitsPattern } from '../shell-pattern.ts';

/** One line that gives somebody something (sudoers(5)). */
export interface Rule {
  /** Names, `%group`, `#uid`, `ALL`. */
  readonly users: readonly string[];
  readonly hosts: readonly string[];
  readonly runAs: readonly string[];
  readonly commands: readonly string[];
  readonly needsPassword: boolean;
}

export interface Sudoers {
  readonly rules: readonly Rule[];
  /** What sudo says of lines that it cannot read, and leaves out. */
  readonly complaints: readonly string[];
  /** Files and folders that are to be read as well. */
  readonly included: readonly { readonly kind: 'file' | 'folder'; readonly path: string }[];
}

const TAGS = new Set(
  'NOPASSWD PASSWD NOEXEC EXEC SETENV NOSETENV LOG_INPUT NOLOG_INPUT LOG_OUTPUT NOLOG_OUTPUT MAIL NOMAIL FOLLOW NOFOLLOW'.split(
    ' ',
  ),
);
const ALIAS = /^(?:User|Runas|Host|Cmnd|Cmd)_Alias\s+/;

/**
 * Reads a sudoers file: who may run what, as whom, and whether a password is asked for; aliases are put in place. `Defaults` have no effect
 * here but the ones that a lab always follows (env_reset, secure_path, use_pty).
 */
export function readSudoers(path: string, text: string): Sudoers {
  const aliases = new Map<string, readonly string[]>();
  const rules: Rule[] = [];
  const complaints: string[] = [];
  const included: { kind: 'file' | 'folder'; path: string }[] = [];
  const lines = text.replaceAll(/\\\n/g, '  ').split('\n');
  const expanded = (names: readonly string[], depth = 0): string[] =>
    names.flatMap((name) => (depth < 10 && aliases.has(name) ? expanded(aliases.get(name) ?? [], depth + 1) : [name]));
  for (const [at, whole] of lines.entries()) {
    const include = /^[@#]include(dir)?\s+(\S+)\s*$/.exec(whole);
    if (include !== null) {
      included.push({ kind: include[1] === undefined ? 'file' : 'folder', path: include[2] ?? '' });
      continue;
    }
    const line = whole.replace(/(^|\s)#(?!\d).*$/, '').trim();
    if (line === '' || /^Defaults\b/.test(line)) continue;
    if (ALIAS.test(line)) {
      for (const part of line.replace(ALIAS, '').split(/\s+:\s+/)) {
        const [name = '', members = ''] = part.split(/\s*=\s*(.*)/s);
        aliases.set(name.trim(), list(members));
      }
      continue;
    }
    const found = ruleOf(line);
    if (found === undefined) complaints.push(`${path}:${at + 1}:1: syntax error\n${whole.slice(0, 200)}\n^`);
    else
      rules.push(
        ...found.map((rule) => ({
          ...rule,
          users: expanded(rule.users),
          hosts: expanded(rule.hosts),
          runAs: expanded(rule.runAs),
          commands: expanded(rule.commands),
        })),
      );
  }
  return { rules, complaints, included };
}

const list = (text: string): string[] =>
  text
    .split(/,(?![^(]*\))/)
    .map((one) => one.trim())
    .filter((one) => one !== '');

/** `users hosts = (runas:group) TAG: command, command`; undefined when it is none. A tag holds for what follows it. */
function ruleOf(line: string): Rule[] | undefined {
  const [, users, hosts, rest] =
    /^([^=\s]+(?:\s*,\s*[^=\s]+)*)\s+([^=\s]+(?:\s*,\s*[^=\s]+)*)\s*=\s*(.+)$/s.exec(line) ?? [];
  if (users === undefined || hosts === undefined || rest === undefined) return undefined;
  let runAs: readonly string[] = ['root'];
  let needsPassword = true;
  const rules: Rule[] = [];
  for (const wish of list(rest)) {
    let command = wish;
    const as = /^\(([^)]*)\)\s*/.exec(command);
    if (as !== null) {
      runAs = list((as[1] ?? '').split(':')[0] ?? '');
      command = command.slice(as[0].length);
    }
    for (;;) {
      const tag = /^([A-Z_]+)\s*:\s*/.exec(command);
      if (tag === null || !TAGS.has(tag[1] ?? '')) break;
      if (tag[1] === 'NOPASSWD' || tag[1] === 'PASSWD') needsPassword = tag[1] === 'PASSWD';
      command = command.slice(tag[0].length);
    }
    if (command === '' || !/^!?\s*(?:ALL$|\/|[A-Z][A-Z0-9_]*$|sudoedit\b)/.test(command)) return undefined;
    rules.push({ users: list(users), hosts: list(hosts), runAs, commands: [command], needsPassword });
  }
  return rules;
}

export interface Asked {
  readonly user: string;
  readonly uid: number;
  readonly groups: readonly string[];
  readonly host: string;
  readonly runAs: string;
  /** The program's path and its arguments. */
  readonly command: readonly string[];
}

/** Whether the rules allow that: the last one that fits decides. */
export function decide(rules: readonly Rule[], asked: Asked): 'denied' | 'password' | 'allowed' {
  let decision: 'denied' | 'password' | 'allowed' = 'denied';
  for (const rule of rules) {
    if (!isWho(rule.users, asked) || !matchesList(rule.hosts, (one) => one === 'ALL' || one === asked.host)) continue;
    if (!matchesList(rule.runAs, (one) => one === 'ALL' || one === asked.runAs)) continue;
    for (const command of rule.commands) {
      const denies = command.startsWith('!');
      if (!fits(command.replace(/^!\s*/, ''), asked.command)) continue;
      decision = denies ? 'denied' : rule.needsPassword ? 'password' : 'allowed';
    }
  }
  return decision;
}

/** The rules that are for somebody on a host, whatever they allow. */
export const rulesFor = (
  rules: readonly Rule[],
  asked: Pick<Asked, 'user' | 'uid' | 'groups' | 'host'>,
): readonly Rule[] =>
  rules.filter(
    (rule) => isWho(rule.users, asked) && matchesList(rule.hosts, (one) => one === 'ALL' || one === asked.host),
  );

const isWho = (users: readonly string[], { user, uid, groups }: Pick<Asked, 'user' | 'uid' | 'groups'>): boolean =>
  matchesList(
    users,
    (one) =>
      one === 'ALL' || one === user || one === `#${uid}` || (one.startsWith('%') && groups.includes(one.slice(1))),
  );

function matchesList(names: readonly string[], is: (name: string) => boolean): boolean {
  let matches = false;
  for (const name of names) {
    if (name.startsWith('!')) {
      if (is(name.slice(1))) matches = false;
    } else if (is(name)) matches = true;
  }
  return matches;
}

/** `ALL`, a path with `*`, a folder with a slash at its end; `""` after a path allows no arguments, and none there any. */
function fits(wish: string, [program = '', ...args]: readonly string[]): boolean {
  if (wish === 'ALL') return true;
  const [path = '', ...wanted] = wish.split(/\s+/);
  const isProgram = path.endsWith('/')
    ? program.startsWith(path) && !program.slice(path.length).includes('/')
    : fitsPattern(program, path);
  if (!isProgram || wanted.length === 0) return isProgram;
  if (wanted.length === 1 && wanted[0] === '""') return args.length === 0;
  return fitsPattern(args.join(' '), wanted.join(' '));
}
