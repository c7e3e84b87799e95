import { TemplateError } from './template-error.ts';

/** A word of an action: `.State`, `$x`, `json`, `"text"`, `(`. */
export interface Token {
  readonly kind: 'field' | 'variable' | 'dot' | 'word' | 'literal' | 'sign';
  readonly text: string;
  /** Of a literal. */
  readonly value?: unknown;
  /** Bytes from the template's beginning. */
  readonly at: number;
  /** Whether a blank stands before it, so that it is no further link of a chain. */
  readonly isApart: boolean;
}

const TOKEN =
  /(?<string>"(?:[^"\\\n]|\\.)*")|(?<raw>`[^`]*`)|(?<number>[+-]?\d+(?:\.\d+)?)|(?<field>\.\w+)|(?<dot>\.)|(?<variable>\$\w*)|(?<word>\w+)|(?<sign>:=|[=|,()])/y;

const WORDS: Readonly<Record<string, unknown>> = { true: true, false: false, nil: null };

/** The words of what stands between `{{` and `}}`, which begins at `from` (Go's text/template/parse, lex.go). Throws `TemplateError`. */
export function lexAction(text: string, from: number): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  let isApart = true;
  while (at < text.length) {
    const blanks = /^\s+/.exec(text.slice(at))?.[0].length ?? 0;
    if (blanks > 0) {
      at += blanks;
      isApart = true;
      continue;
    }
    TOKEN.lastIndex = at;
    const groups = TOKEN.exec(text)?.groups;
    if (groups === undefined)
      throw new TemplateError(`template: :1: unexpected ${JSON.stringify(text.charAt(at))} in command`);
    const [[kind, found]] = Object.entries(groups).filter(([, one]) => one !== undefined) as [[string, string]];
    tokens.push({ ...meaning(kind, found), at: from + at, isApart });
    at += found.length;
    isApart = false;
  }
  return tokens;
}

function meaning(kind: string, text: string): Pick<Token, 'kind' | 'text' | 'value'> {
  switch (kind) {
    case 'string':
      return { kind: 'literal', text, value: unquoted(text) };
    case 'raw':
      return { kind: 'literal', text, value: text.slice(1, -1) };
    case 'number':
      return { kind: 'literal', text, value: Number(text) };
    case 'word':
      return text in WORDS ? { kind: 'literal', text, value: WORDS[text] } : { kind: 'word', text };
    default:
      return { kind: kind as Token['kind'], text };
  }
}

function unquoted(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new TemplateError(`not simulated: the text ${text} in a format`, { cause });
  }
}
