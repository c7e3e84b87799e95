/** One directive of an nginx configuration, with the place for what is said of it. */
export interface Directive {
  readonly name: string;
  readonly args: readonly string[];
  readonly block: readonly Directive[] | undefined;
  readonly file: string;
  readonly line: number;
}

/** Why nginx does not start, in the words after `[emerg]`. */
export class Emergency extends Error {
  override readonly name = 'Emergency';
}

interface Token {
  readonly kind: 'word' | ';' | '{' | '}' | 'end';
  readonly text: string;
  readonly line: number;
}

/** Blocks in blocks; nginx itself knows no more than a few. */
const MAX_DEPTH = 16;
/** Files that include each other. */
const MAX_FILES = 50;

/** Reads a configuration with what it includes (src/core/ngx_conf_file.c). Rejects with `Emergency`. */
export async function parseConfig(
  path: string,
  read: (path: string) => Promise<string | undefined>,
  list: (pattern: string) => Promise<readonly string[]>,
): Promise<readonly Directive[]> {
  let files = 0;

  async function file(path: string): Promise<Directive[]> {
    if (++files > MAX_FILES) throw new Emergency(`open() "${path}" failed (24: Too many open files)`);
    const text = await read(path);
    if (text === undefined) throw new Emergency(`open() "${path}" failed (2: No such file or directory)`);
    return block(tokensOf(text), { at: 0 }, path, 0);
  }

  async function block(
    tokens: readonly Token[],
    cursor: { at: number },
    path: string,
    depth: number,
  ): Promise<Directive[]> {
    if (depth > MAX_DEPTH) throw new Emergency(`not simulated: blocks nested this deep in ${path}`);
    const directives: Directive[] = [];
    while (true) {
      const words: Token[] = [];
      let token = tokens[cursor.at++];
      while (token?.kind === 'word') {
        words.push(token);
        token = tokens[cursor.at++];
      }
      const place = `in ${path}:${token?.line ?? 0}`;
      const [first, ...args] = words.map(({ text }) => text);
      if (token === undefined || token.kind === 'end') {
        if (first !== undefined) throw new Emergency(`unexpected end of file, expecting ";" or "}" ${place}`);
        if (depth > 0) throw new Emergency(`unexpected end of file, expecting "}" ${place}`);
        return directives;
      }
      if (token.kind === '}') {
        if (first !== undefined || depth === 0) throw new Emergency(`unexpected "}" ${place}`);
        return directives;
      }
      if (first === undefined) throw new Emergency(`unexpected "${token.kind}" ${place}`);
      const line = words[0]?.line ?? token.line;
      if (token.kind === '{') {
        directives.push({ name: first, args, file: path, line, block: await block(tokens, cursor, path, depth + 1) });
      } else if (first === 'include') {
        const [pattern = ''] = args;
        const absolute = pattern.startsWith('/') ? pattern : `/etc/nginx/${pattern}`;
        const found = /[*?[]/.test(absolute) ? await list(absolute) : [absolute];
        for (const one of found) directives.push(...(await file(one)));
      } else directives.push({ name: first, args, file: path, line, block: undefined });
    }
  }

  return file(path);
}

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  let line = 1;
  const pattern =
    /(\n)|[^\S\n]+|#[^\n]*|([;{}])|"((?:[^"\\]|\\[\s\S])*)"|'((?:[^'\\]|\\[\s\S])*)'|((?:\$\{|[^\s;{}"'\\]|\\[\s\S])(?:\$\{[^}]*\}|[^\s;{}\\]|\\[\s\S])*)|([\s\S])/g;
  for (const match of text.matchAll(pattern)) {
    const [whole, newline, sign, double, single, bare, odd] = match;
    if (newline !== undefined) line += 1;
    else if (sign !== undefined) tokens.push({ kind: sign as ';' | '{' | '}', text: sign, line });
    else {
      const word = double ?? single ?? bare ?? odd;
      if (word !== undefined) tokens.push({ kind: 'word', text: word.replace(/\\(["'\\ ])/g, '$1'), line });
      line += whole.split('\n').length - 1;
    }
  }
  tokens.push({ kind: 'end', text: '', line });
  return tokens;
}
