/** A piece of a profile. A word keeps what its parentheses and inner braces hold: `flags=(complain,kill)`, `/etc/{a,b}`. */
export interface Token {
  readonly kind: 'word' | 'open' | 'close' | 'comma' | 'include' | 'end';
  /** Of an include, the path as it is written. */
  readonly text: string;
  readonly file: string;
  readonly line: number;
  /** Of an include that need not be there. */
  readonly optional: boolean;
}

const INCLUDE = /#?include[ \t]+(if exists[ \t]+)?(<[^>\n]*>|"[^"\n]*"|[^\s,]+)[ \t]*,?/y;
const WORD_END = /[\s,{}]/;

/** Splits a profile's text as AppArmor's scanner does (parser/parser_lex.l), includes not followed. */
export function tokens(text: string, file: string): readonly Token[] {
  const found: Token[] = [];
  let line = 1;
  let at = 0;
  const add = (kind: Token['kind'], said: string, optional = false): void =>
    void found.push({ kind, text: said, file, line, optional });
  while (at < text.length) {
    const character = text.charAt(at);
    INCLUDE.lastIndex = at;
    const include = INCLUDE.exec(text);
    if (include !== null) {
      add('include', include[2] ?? '', include[1] !== undefined);
      at = INCLUDE.lastIndex;
    } else if (character === '#') {
      while (at < text.length && text.charAt(at) !== '\n') at++;
    } else if (/\s/.test(character)) {
      if (character === '\n') line++;
      at++;
    } else if (character === ',' || character === '{' || character === '}') {
      add(character === ',' ? 'comma' : character === '{' ? 'open' : 'close', character);
      at++;
    } else {
      const end = wordEnd(text, at);
      add('word', text.slice(at, end).replaceAll('"', ''));
      at = end;
    }
  }
  add('end', '');
  return found;
}

/** Quotes, parentheses and braces inside a word hold whatever they hold, as long as they end on their line. */
function wordEnd(text: string, start: number): number {
  const closing: Readonly<Record<string, string>> = { '"': '"', '(': ')', '{': '}' };
  let at = start;
  while (at < text.length) {
    const character = text.charAt(at);
    const close = closing[character];
    if (close !== undefined && (character !== '{' || at > start)) {
      const newline = text.indexOf('\n', at);
      const end = text.indexOf(close, at + 1);
      if (end > 0 && (newline < 0 || end < newline)) {
        at = end + 1;
        continue;
      }
    }
    if (WORD_END.test(character)) break;
    at++;
  }
  return at;
}
