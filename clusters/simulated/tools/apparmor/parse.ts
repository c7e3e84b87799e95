import { pathPattern } from './path-pattern.ts';
import {
  CAPABILITIES,
  type DeniedPath,
  NETWORK_WORDS,
  OTHER_FLAGS,
  ProfileError,
  type Profile,
  type ProfileMode,
} from './profile.ts';
import type { Token } from './tokens.ts';

const QUALIFIERS = ['audit', 'deny', 'allow', 'owner', 'quiet', 'priority'];
/** Rules that begin with their own word; what follows is read to its comma (apparmor.d(5)). */
const RULES =
  'capability network mount remount umount pivot_root ptrace signal dbus unix change_profile link set file userns io_uring mqueue all'.split(
    ' ',
  );
const MODE = /^[rwaxmlkpuicdRWAXMLKPUICD]+$/;
/** Set by the parser itself. */
const OWN_VARIABLES = ['profile_name', 'exec_path', 'attach_path'];

/**
 * Reads profiles from their tokens, includes followed. Throws `ProfileError` in the words of apparmor_parser 3.0 (parser/parser_yacc.y),
 * which names the file where the profile should stand.
 */
export function parseProfiles(all: readonly Token[]): readonly Profile[] {
  const profiles = new Reader(all).profiles();
  const names = profiles.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice !== undefined) throw new ProfileError(`Multiple definitions for profile ${twice} exist,bailing out.`);
  return profiles;
}

interface Rule {
  readonly denied: boolean;
  readonly path: string;
  readonly mode: string;
  /** With a qualifier that narrows it. */
  readonly isNarrow: boolean;
}

class Reader {
  readonly #tokens: readonly Token[];
  readonly #declared = new Set(OWN_VARIABLES);
  #at = 0;

  constructor(all: readonly Token[]) {
    this.#tokens = all;
  }

  profiles(): readonly Profile[] {
    const found: Profile[] = [];
    for (;;) {
      const token = this.#take();
      if (token.kind === 'end') return found;
      if (token.kind !== 'word') throw this.#unexpected(token, 'end of file');
      if (token.text === 'abi' || token.text === 'alias') this.#skipRule();
      else if (/^[@$]/.test(token.text) && !this.#opensProfile()) this.#assignment(token);
      else if (token.text !== 'profile' && MODE.test(token.text)) throw this.#unexpected(token, 'end of file');
      else found.push(...this.#profile(token.text === 'profile' ? this.#take() : token, ''));
    }
  }

  /** The name has been read; its attachment, its flags and its rules follow. Children come after their parent. */
  #profile(named: Token, parent: string): readonly Profile[] {
    const name = `${parent}${named.text}`;
    let mode: ProfileMode = 'enforce';
    while (this.#peek().kind === 'word') {
      const token = this.#take();
      const [, flags] = /^(?:flags=?)?\((.*)$/.exec(token.text === 'flags=' ? this.#take().text : token.text) ?? [];
      if (flags !== undefined) mode = this.#modeOf(flags, token);
    }
    this.#expect('open', 'TOK_OPEN');
    const children: Profile[] = [];
    const rules: Rule[] = [];
    const notEnforced: string[] = [];
    for (;;) {
      const token = this.#take();
      if (token.kind === 'close') return [{ name, mode, ...enforced(rules, notEnforced) }, ...children];
      if (token.kind === 'end') throw this.#unexpected(token, 'TOK_ID or TOK_MODE or TOK_SET_VAR');
      if (token.text === 'profile' || token.text === 'hat') children.push(...this.#profile(this.#take(), `${name}//`));
      else if (token.text.startsWith('^'))
        children.push(...this.#profile({ ...token, text: token.text.slice(1) }, `${name}//`));
      else {
        const from = this.#at - 1;
        const rule = this.#rule(token);
        if (typeof rule === 'object') rules.push(rule);
        else if (rule === 'denies') notEnforced.push(`${this.#written(from)},`);
      }
    }
  }

  #modeOf(text: string, at: Token): ProfileMode {
    if (!text.endsWith(')')) throw this.#wrong(at, `Invalid profile flag: ${this.#peek().text}.`);
    let mode: ProfileMode = 'enforce';
    for (const flag of text.slice(0, -1).split(/[\s,]+/)) {
      if (flag === 'complain' || flag === 'kill' || flag === 'unconfined') mode = flag;
      else if (flag !== '' && !OTHER_FLAGS.has(flag.replace(/=.*/, '')))
        throw this.#wrong(at, `Invalid profile flag: ${flag}.`);
    }
    return mode;
  }

  /** What was taken since, but for the last, as it is written. */
  #written(from: number): string {
    const words = this.#tokens.slice(from, this.#at - 1).map(({ text }) => text);
    return words.join(' ');
  }

  /** One rule to its comma; what it says of files, or whether it denies something else. */
  #rule(first: Token): Rule | 'denies' | undefined {
    let token = first;
    let denied = false;
    let isNarrow = false;
    while (token.kind === 'word' && QUALIFIERS.includes(token.text.replace(/=.*/, ''))) {
      denied ||= token.text === 'deny';
      isNarrow ||= token.text === 'owner';
      token = this.#take();
    }
    if (token.kind !== 'word') throw this.#unexpected(token, 'TOK_MODE');
    if (token.text === 'if') throw new ProfileError('not simulated: conditions in profiles');
    if (RULES.includes(token.text)) return this.#ownRule(token, { denied, isNarrow });
    if (isPath(token)) {
      this.#checkVariables(token);
      const mode = this.#take();
      if (mode.kind !== 'word' || !MODE.test(mode.text)) throw this.#unexpected(mode, 'TOK_MODE');
      this.#endFileRule(token);
      return { denied, isNarrow, path: token.text, mode: mode.text };
    }
    if (!MODE.test(token.text)) throw this.#unexpected(token, 'TOK_MODE');
    const path = this.#take();
    if (!isPath(path)) throw this.#unexpected(path, 'TOK_ID or TOK_SET_VAR');
    this.#checkVariables(path);
    this.#endFileRule(path);
    return { denied, isNarrow, path: path.text, mode: token.text };
  }

  #ownRule(head: Token, qualified: Pick<Rule, 'denied' | 'isNarrow'>): Rule | 'denies' | undefined {
    const words: string[] = [];
    for (;;) {
      const token = this.#take();
      if (token.kind === 'comma') break;
      if (token.kind !== 'word') throw this.#unexpected(token, 'TOK_END_OF_RULE');
      if (QUALIFIERS.includes(token.text) || RULES.includes(token.text)) {
        const expected = head.text === 'file' ? 'TOK_ID or TOK_MODE or TOK_SET_VAR' : 'TOK_ID or TOK_END_OF_RULE';
        throw this.#unexpected(token, expected);
      }
      if (head.text === 'capability' && !CAPABILITIES.has(token.text))
        throw this.#wrong(token, `Invalid capability ${token.text}.`);
      if (head.text === 'network' && words.length < 3 && /^\w+$/.test(token.text) && !NETWORK_WORDS.has(token.text))
        throw this.#wrong(token, 'Invalid network entry.');
      this.#checkVariables(token);
      words.push(token.text);
    }
    if (head.text !== 'file') return qualified.denied ? 'denies' : undefined;
    const [a = '/**', b = 'rwlkmix'] = words;
    return MODE.test(a) ? { ...qualified, path: b, mode: a } : { ...qualified, path: a, mode: b };
  }

  #endFileRule(entry: Token): void {
    if (this.#peek().text === '->') this.#at += 2;
    const next = this.#peek();
    if (next.kind === 'word') throw this.#wrong(next, `missing an end of line character? (entry: ${entry.text})`);
    this.#expect('comma', 'TOK_END_OF_RULE');
  }

  /** `@{HOME} = /home/ /root/`: its values end with the line. */
  #assignment(token: Token): void {
    const [, name = ''] = /^[@$]\{?(\w+)/.exec(token.text) ?? [];
    this.#declared.add(name);
    while (this.#peek().kind === 'word' && this.#peek().line === token.line) this.#at++;
  }

  #checkVariables({ text }: Token): void {
    for (const [, name = ''] of text.matchAll(/@\{(\w+)\}/g))
      if (!this.#declared.has(name))
        throw new ProfileError(`Found reference to variable ${name}, but is never declared`);
  }

  #skipRule(): void {
    while (this.#peek().kind === 'word') this.#at++;
    this.#expect('comma', 'TOK_END_OF_RULE');
  }

  #opensProfile(): boolean {
    return this.#peek().kind === 'open';
  }

  #peek(): Token {
    const token = this.#tokens[this.#at] ?? this.#tokens.at(-1);
    if (token === undefined) throw new TypeError('a profile without tokens');
    return token;
  }

  #take(): Token {
    const token = this.#peek();
    this.#at++;
    return token;
  }

  #expect(kind: Token['kind'], name: string): void {
    const token = this.#take();
    if (token.kind !== kind) throw this.#unexpected(token, name);
  }

  #unexpected(token: Token, expecting: string): ProfileError {
    return this.#wrong(token, `syntax error, unexpected ${nameOf(token)}, expecting ${expecting}`);
  }

  #wrong({ file, line }: Token, why: string): ProfileError {
    return new ProfileError(`AppArmor parser error for ${file} in profile ${file} at line ${line}: ${why}`);
  }
}

/** As many rules of one profile as are held; each is compared with every path. */
const MOST_DENIED = 100;

/** What of a profile's rules is enforced: those that deny files. What they do not allow is allowed all the same. */
function enforced(
  rules: readonly Rule[],
  others: readonly string[],
): Pick<Profile, 'deniesWriting' | 'denied' | 'notEnforced'> {
  const denied: DeniedPath[] = [];
  const notEnforced = [...others];
  let deniesWriting = false;
  for (const { path, mode, isNarrow } of rules.filter((rule) => rule.denied)) {
    const access = accessOf(mode);
    const pattern = isNarrow || access === 0 ? undefined : pathPattern(path);
    if (path === '/**' && (access & WRITE) !== 0 && !isNarrow) deniesWriting = true;
    if (pattern === undefined || denied.length >= MOST_DENIED) notEnforced.push(`deny ${path} ${mode},`);
    else if (path !== '/**' || access !== WRITE) denied.push({ access, pattern });
  }
  const allowsAll = rules.some((rule) => !rule.denied && !rule.isNarrow && rule.path === '/**');
  if (!allowsAll) notEnforced.push('that files are refused which no rule allows');
  return { deniesWriting, denied, notEnforced };
}

const WRITE = 2;

/** To execute 1, to write 2, to read 4; locks, links and mappings need a file that is open. */
const accessOf = (mode: string): number =>
  (/x/i.test(mode) ? 1 : 0) | (/[wa]/i.test(mode) ? WRITE : 0) | (/r/i.test(mode) ? 4 : 0);

const isPath = ({ kind, text }: Token): boolean => kind === 'word' && /^(?:\/|@\{)/.test(text);

/** As bison names a token in its errors. */
function nameOf({ kind, text }: Token): string {
  if (kind === 'end') return 'end of file';
  if (kind === 'open') return 'TOK_OPEN';
  if (kind === 'close') return 'TOK_CLOSE';
  if (kind === 'comma') return 'TOK_END_OF_RULE';
  if (QUALIFIERS.includes(text) || RULES.includes(text)) return `TOK_${text.toUpperCase()}`;
  return MODE.test(text) ? 'TOK_MODE' : 'TOK_ID';
}
