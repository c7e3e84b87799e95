/** A word or sign of a selector (labels/selector.go, Lexer). */
export interface Token {
  readonly is: 'identifier' | 'in' | 'notin' | 'symbol' | 'end' | 'error';
  readonly text: string;
}

const symbols = new Set([')', ',', '!', '==', '=', '!=', '(', '>', '<']);
const special = /[=!(),><]/;
const space = /[ \t\r\n]/;

/** The tokens of a selector, white space left out. */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < text.length;) {
    const char = text.charAt(at);
    if (space.test(char)) {
      at++;
    } else if (special.test(char)) {
      const pair = text.slice(at, at + 2);
      const symbol = symbols.has(pair) ? pair : char;
      tokens.push({ is: 'symbol', text: symbol });
      at += symbol.length;
    } else {
      let end = at;
      while (end < text.length && !special.test(text.charAt(end)) && !space.test(text.charAt(end))) end++;
      const word = text.slice(at, end);
      tokens.push({ is: word === 'in' || word === 'notin' ? word : 'identifier', text: word });
      at = end;
    }
  }
  return tokens;
}

export const end: Token = { is: 'end', text: '' };
export const isWord = (token: Token): boolean => token.is === 'identifier' || token.is === 'in' || token.is === 'notin';
export const isSymbol = (token: Token, text: string): boolean => token.is === 'symbol' && token.text === text;
