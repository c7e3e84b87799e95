import { enforced } from './enforced.ts';
import { CAPABILITIES, NETWORK_WORDS, OTHER_FLAGS, ProfileError, type Profile, type ProfileMode } from './profile.ts';
import { EVERY_MODE, EVERY_PATH, type Qualifiers, type WrittenRule } from './rule.ts';
import type { Token } from './tokens.ts';
import { Variables } from './variables.ts';

const QUALIFIERS = ['audit', 'deny', 'allow', 'owner', 'quiet', 'priority'];
/** Rules that begin with their own word; what follows is read to its comma (apparmor.d(5)). */
const RULES =
  'capability network mount remount umount pivot_root ptrace signal dbus unix change_profile link set file userns io_uring mqueue all'.split(
    ' ',
  );
const MODE = /^[rwaxmlkpuicdRWAXMLKPUICD]+$/;

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

class Reader {
  readonly #tokens: readonly Token[];
  readonly #variables = new Variables();
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
    const rules: WrittenRule[] = [];
    for (;;) {
      const token = this.#take();
      if (token.kind === 'close') return [{ name, mode, ...enforced(rules) }, ...children];
      if (token.kind === 'end') throw this.#unexpected(token, 'TOK_ID or TOK_MODE or TOK_SET_VAR');
      if (token.text === 'profile' || token.text === 'hat') children.push(...this.#profile(this.#take(), `${name}//`));
      else if (token.text.startsWith('^'))
        children.push(...this.#profile({ ...token, text: token.text.slice(1) }, `${name}//`));
      else rules.push(this.#rule(token));
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

  /** What was taken since, but for the comma at its end, as it is written. */
  #written(from: number): string {
    const words = this.#tokens.slice(from, this.#at - 1).map(({ text }) => text);
    return words.join(' ');
  }

  /** One rule to its comma. */
  #rule(first: Token): WrittenRule {
    const from = this.#at - 1;
    let token = first;
    const words: string[] = [];
    while (token.kind === 'word' && QUALIFIERS.includes(token.text.replace(/=.*/, ''))) {
      words.push(token.text);
      token = this.#take();
    }
    const qualified: Qualifiers = {
      denied: words.includes('deny'),
      audited: words.includes('audit'),
      owned: words.includes('owner'),
    };
    if (token.kind !== 'word') throw this.#unexpected(token, 'TOK_MODE');
    if (token.text === 'if') throw new ProfileError('not simulated: conditions in profiles');
    if (RULES.includes(token.text)) return this.#ownRule(token, from, qualified);
    if (isPath(token)) {
      const paths = this.#variables.expanded(token.text);
      const mode = this.#take();
      if (mode.kind !== 'word' || !MODE.test(mode.text)) throw this.#unexpected(mode, 'TOK_MODE');
      this.#endFileRule(token);
      return { about: 'file', ...qualified, paths, mode: mode.text, written: this.#written(from) };
    }
    if (!MODE.test(token.text)) throw this.#unexpected(token, 'TOK_MODE');
    const path = this.#take();
    if (!isPath(path)) throw this.#unexpected(path, 'TOK_ID or TOK_SET_VAR');
    const paths = this.#variables.expanded(path.text);
    this.#endFileRule(path);
    return { about: 'file', ...qualified, paths, mode: token.text, written: this.#written(from) };
  }

  #ownRule(head: Token, from: number, qualified: Qualifiers): WrittenRule {
    const words: string[] = [];
    for (;;) {
      const token = this.#take();
      if (token.kind === 'comma') break;
      if (token.kind !== 'word') throw this.#unexpected(token, 'TOK_END_OF_RULE');
      const isFamily = head.text === 'network' && NETWORK_WORDS.has(token.text); // `unix` is a rule's word, too
      if (!isFamily && (QUALIFIERS.includes(token.text) || RULES.includes(token.text))) {
        const expected = head.text === 'file' ? 'TOK_ID or TOK_MODE or TOK_SET_VAR' : 'TOK_ID or TOK_END_OF_RULE';
        throw this.#unexpected(token, expected);
      }
      if (head.text === 'capability' && !CAPABILITIES.has(token.text))
        throw this.#wrong(token, `Invalid capability ${token.text}.`);
      if (head.text === 'network' && words.length < 3 && /^\w+$/.test(token.text) && !NETWORK_WORDS.has(token.text))
        throw this.#wrong(token, 'Invalid network entry.');
      this.#variables.check(token.text);
      words.push(token.text);
    }
    const written = this.#written(from);
    if (head.text === 'capability' || head.text === 'network')
      return { about: head.text, ...qualified, words, written };
    if (head.text !== 'file') return { about: 'other', head: head.text, ...qualified, written };
    const [a = EVERY_PATH, b = EVERY_MODE] = words;
    const [path, mode] = MODE.test(a) ? [b, a] : [a, b];
    return { about: 'file', ...qualified, paths: this.#variables.expanded(path), mode, written };
  }

  #endFileRule(entry: Token): void {
    if (this.#peek().text === '->') this.#at += 2;
    const next = this.#peek();
    if (next.kind === 'word') throw this.#wrong(next, `missing an end of line character? (entry: ${entry.text})`);
    this.#expect('comma', 'TOK_END_OF_RULE');
  }

  /** `@{HOME} = /home/ /root/`, or `+=`: its values end with the line. */
  #assignment(token: Token): void {
    const written = [token.text];
    while (this.#peek().kind === 'word' && this.#peek().line === token.line) written.push(this.#take().text);
    const [, name = '', rest = ''] = /^[@$]\{?(\w+)\}?\s*\+?=?\s*(.*)$/s.exec(written.join(' ')) ?? [];
    this.#variables.add(name, rest.split(' '));
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
