import { UnmarshalError } from './typed.ts';

/** JSON.parse with the errors of Go's encoding/json (scanner.go). Throws UnmarshalError. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UnmarshalError(new SyntaxCheck(text).complaint(), { cause: error });
  }
}

/** How many keys a valid JSON text holds, duplicates included. Jumps from string to string, so it costs little. */
export function countKeysInText(text: string): number {
  let keys = 0;
  for (let start = text.indexOf('"'); start !== -1;) {
    let end = text.indexOf('"', start + 1);
    while (isEscaped(text, end)) end = text.indexOf('"', end + 1);
    let next = end + 1;
    while (isSpace(text.charCodeAt(next))) next++;
    if (text.charCodeAt(next) === 58) keys++;
    start = text.indexOf('"', next);
  }
  return keys;
}

/** Whether the quote at this place belongs to the string: an odd number of backslashes stands before it. */
export function isEscaped(text: string, quote: number): boolean {
  let at = quote;
  while (text.charCodeAt(at - 1) === 92) at--;
  return (quote - at) % 2 === 1;
}

export const isSpace = (code: number): boolean => code === 32 || code === 10 || code === 13 || code === 9;

/** Finds the first character that Go's scanner refuses. Only used once JSON.parse has refused the text. */
class SyntaxCheck {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  complaint(): string {
    try {
      this.#value();
      this.#skip();
      if (this.#at < this.#text.length) this.#refuse('after top-level value');
    } catch (error) {
      if (error instanceof UnmarshalError) return error.message;
      throw error;
    }
    return 'invalid JSON';
  }

  #refuse(context: string): never {
    const char = this.#text.codePointAt(this.#at);
    if (char === undefined) throw new UnmarshalError('unexpected end of JSON input');
    throw new UnmarshalError(`invalid character ${quoted(String.fromCodePoint(char))} ${context}`);
  }

  #skip(): void {
    while (isSpace(this.#text.charCodeAt(this.#at))) this.#at++;
  }

  /** Iterative, so that a million brackets do not overflow the stack. */
  #value(): void {
    const open: ('{' | '[')[] = [];
    for (;;) {
      this.#skip();
      const char = this.#text[this.#at];
      if (char === '{' || char === '[') {
        if (open.length >= 10_000) throw new UnmarshalError('exceeded max depth');
        this.#at++;
        this.#skip();
        if (this.#text[this.#at] === (char === '{' ? '}' : ']')) this.#at++;
        else {
          open.push(char);
          if (char === '{') this.#key('looking for beginning of object key string');
          continue;
        }
      } else this.#scalar();
      for (;;) {
        const container = open.at(-1);
        if (container === undefined) return;
        this.#skip();
        const next = this.#text[this.#at];
        if (next === ',') {
          this.#at++;
          if (container === '{') this.#key('looking for beginning of object key string');
          break;
        }
        if (next !== (container === '{' ? '}' : ']'))
          this.#refuse(container === '{' ? 'after object key:value pair' : 'after array element');
        this.#at++;
        open.pop();
      }
    }
  }

  #key(context: string): void {
    this.#skip();
    if (this.#text[this.#at] !== '"') this.#refuse(context);
    this.#string();
    this.#skip();
    if (this.#text[this.#at] !== ':') this.#refuse('after object key');
    this.#at++;
  }

  #scalar(): void {
    const char = this.#text[this.#at];
    if (char === '"') return this.#string();
    for (const word of ['true', 'false', 'null']) {
      if (char !== word[0]) continue;
      for (let i = 1; i < word.length; i++) {
        this.#at++;
        if (this.#text[this.#at] !== word[i]) this.#refuse(`in literal ${word} (expecting ${quoted(word.charAt(i))})`);
      }
      this.#at++;
      return;
    }
    if (char === '-' || (char !== undefined && char >= '0' && char <= '9')) return this.#number();
    this.#refuse('looking for beginning of value');
  }

  #number(): void {
    const digits = (context: string): void => {
      if (!/[0-9]/.test(this.#text.charAt(this.#at))) this.#refuse(context);
      while (/[0-9]/.test(this.#text.charAt(this.#at))) this.#at++;
    };
    if (this.#text[this.#at] === '-') this.#at++;
    if (this.#text[this.#at] === '0') this.#at++;
    else digits('in numeric literal');
    if (this.#text[this.#at] === '.') {
      this.#at++;
      digits('after decimal point in numeric literal');
    }
    if (this.#text[this.#at] === 'e' || this.#text[this.#at] === 'E') {
      this.#at++;
      if (this.#text[this.#at] === '+' || this.#text[this.#at] === '-') this.#at++;
      digits('in exponent of numeric literal');
    }
  }

  #string(): void {
    this.#at++;
    for (;;) {
      const char = this.#text[this.#at];
      if (char === undefined || char < ' ') this.#refuse('in string literal');
      this.#at++;
      if (char === '"') return;
      if (char !== '\\') continue;
      const escape = this.#text.charAt(this.#at);
      if (!/^["\\/bfnrtu]$/.test(escape)) this.#refuse('in string escape code');
      this.#at++;
      if (escape !== 'u') continue;
      for (let i = 0; i < 4; i++, this.#at++)
        if (!/[0-9a-fA-F]/.test(this.#text.charAt(this.#at))) this.#refuse('in \\u hexadecimal character escape');
    }
  }
}

/** scanner.go, quoteChar. */
function quoted(char: string): string {
  if (char === "'") return `'\\''`;
  if (char === '"') return `'"'`;
  return `'${JSON.stringify(char).slice(1, -1)}'`;
}
