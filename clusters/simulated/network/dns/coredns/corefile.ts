/** One line of a Corefile's block. */
export interface Line {
  readonly number: number;
  readonly words: readonly string[];
}

export interface Directive extends Line {
  /** The lines in its braces. */
  readonly body: readonly Line[];
}

export interface ServerBlock {
  readonly keys: readonly string[];
  readonly directives: readonly Directive[];
}

/** The file that a Corefile was read from, which every complaint begins with. */
export class CorefileError extends Error {
  override readonly name = 'CorefileError';

  static at(file: string, line: number, what: string): CorefileError {
    return new CorefileError(`${file}:${line} - Error during parsing: ${what}`);
  }
}

interface Token {
  readonly text: string;
  readonly line: number;
}

/**
 * Groups a Corefile by server blocks and directives (coredns/caddy caddyfile/parse.go, lexer.go). Throws `CorefileError` with upstream's
 * words. Snippets and `import` are refused.
 */
export function parseCorefile(
  text: string,
  file: string,
  env: Readonly<Record<string, string>>,
): readonly ServerBlock[] {
  const tokens = tokensOf(text);
  let at = -1;
  const value = (): string => tokens[at]?.text ?? '';
  const line = (): number => tokens[at]?.line ?? 1;
  const next = (): boolean => at < tokens.length - 1 && ++at >= 0;
  const isNewLine = (): boolean => at < 1 || tokens[at - 1]?.line !== tokens[at]?.line;
  const fail = (what: string): never => {
    throw CorefileError.at(file, line(), what);
  };
  const expanded = (word: string): string =>
    word.replaceAll(/\{\$(\w+)\}|\{%(\w+)%\}/g, (_, unix, dos) => env[String(unix ?? dos)] ?? '');

  function readKeys(): readonly string[] {
    const keys: string[] = [];
    let expectsAnother = false;
    while (true) {
      const key = expanded(value());
      if (key === 'import' && isNewLine()) fail('not simulated: import');
      if (key === '{') {
        if (expectsAnother) fail(`Expected another address but had '${key}' - check for extra comma`);
        return keys;
      }
      if (/^\(.*\)$/.test(key)) fail('not simulated: snippets');
      expectsAnother = key.endsWith(',');
      if (key !== '') keys.push(key.replace(/,$/, ''));
      if (!next()) return expectsAnother ? fail('Unexpected EOF') : keys;
      if (!expectsAnother && isNewLine()) return keys;
    }
  }

  function readDirective(): Directive {
    const name = expanded(value());
    const number = line();
    if (!DIRECTIVES.has(name)) fail(name === 'import' ? 'not simulated: import' : `Unknown directive '${name}'`);
    const lines: { number: number; words: string[] }[] = [];
    const head = [name];
    let depth = 0;
    while (next()) {
      if (value() === '{') depth += 1;
      else if (isNewLine() && depth === 0) {
        at -= 1;
        break;
      } else if (value() === '}') {
        if (depth === 0) fail("Unexpected '}' because no matching opening brace");
        depth -= 1;
      } else if (depth === 0) head.push(expanded(value()));
      else if (isNewLine()) lines.push({ number: line(), words: [expanded(value())] });
      else lines.at(-1)?.words.push(expanded(value()));
    }
    if (depth > 0) fail('Unexpected EOF');
    return { number, words: head, body: lines };
  }

  const blocks: ServerBlock[] = [];
  while (next()) {
    const keys = readKeys();
    const isBraced = value() === '{';
    if (!isBraced) at -= 1;
    const directives: Directive[] = [];
    while (next() && value() !== '}') directives.push(readDirective());
    if (isBraced && value() !== '}')
      throw new CorefileError(`${file}:${line()} - Syntax error: Unexpected token '${value()}', expecting '}'`);
    blocks.push({ keys, directives });
  }
  return blocks;
}

function tokensOf(text: string): readonly Token[] {
  return text.split('\n').flatMap((line, i) =>
    [...line.matchAll(/"((?:[^"\\]|\\.)*)"|#.*|\S+/g)].flatMap(([whole, quoted]) => {
      if (whole.startsWith('#')) return [];
      return [{ text: quoted?.replaceAll('\\"', '"') ?? whole, line: i + 1 }];
    }),
  );
}

/** Those of a release's image (coredns/coredns plugin.cfg). */
const DIRECTIVES = new Set(
  `root metadata geoip cancel tls quic grpc_server https https3 timeouts multisocket reload nsid bufsize bind debug trace ready health pprof
  prometheus errors log dnstap local dns64 any chaos loadbalance tsig cache rewrite acl header dnssec autopath minimal template transfer
  hosts route53 azure clouddns k8s_external kubernetes file auto secondary etcd loop forward grpc erratic whoami on sign view nomad`
    .trim()
    .split(/\s+/),
);
