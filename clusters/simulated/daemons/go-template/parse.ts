import { lexAction, type Token } from './lex.ts';
import { TemplateError } from './template-error.ts';

/** A piece of a template (Go's text/template/parse, node.go). */
export type Node =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'action'; readonly pipe: Pipe }
  | {
      readonly kind: 'if' | 'range' | 'with';
      readonly pipe: Pipe;
      readonly body: readonly Node[];
      readonly other: readonly Node[];
    };

/** Commands of which each gets the value of the one before as its last argument. */
export interface Pipe {
  /** Variables that get its value. */
  readonly variables: readonly string[];
  readonly commands: readonly (readonly Operand[])[];
}

export type Operand =
  | { readonly kind: 'literal'; readonly value: unknown }
  | { readonly kind: 'function'; readonly name: string }
  | {
      readonly kind: 'value';
      /** `.`, a variable, or what stands in brackets. */
      readonly from: '.' | { readonly variable: string } | { readonly pipe: Pipe };
      readonly fields: readonly string[];
      /** As it is written, and where: bytes from the beginning, as Go tells it. */
      readonly text: string;
      readonly at: number;
    };

type Piece = { readonly text: string } | { readonly action: readonly Token[] };

/** Throws `TemplateError`. */
export function parseTemplate(template: string): readonly Node[] {
  const pieces = piecesOf(template);
  const { nodes, next } = listOf(pieces, 0);
  const rest = pieces[next];
  if (rest !== undefined && 'action' in rest) throw bad(`unexpected {{${rest.action[0]?.text ?? ''}}}`);
  return nodes;
}

const bad = (why: string): TemplateError => new TemplateError(`template: :1: ${why}`);

/** Texts and actions, after the blanks that `{{-` and `-}}` take away. */
function piecesOf(template: string): readonly Piece[] {
  const pieces: Piece[] = [];
  const action = /\{\{(- )?(\/\*[^]*?\*\/|(?:"(?:[^"\\\n]|\\.)*"|`[^`]*`|[^"`])*?)( -)?\}\}/g;
  let from = 0;
  let trims = false;
  for (const match of template.matchAll(action)) {
    const [whole, left, inside = '', right] = match;
    const text = template.slice(from, match.index);
    pieces.push({ text: trimmed(text, trims, left !== undefined) });
    if (!inside.startsWith('/*')) pieces.push({ action: lexAction(inside, match.index + 2 + (left?.length ?? 0)) });
    from = match.index + whole.length;
    trims = right !== undefined;
  }
  const last = template.slice(from);
  if (last.includes('{{')) throw bad('unclosed action');
  pieces.push({ text: trimmed(last, trims, false) });
  return pieces;
}

function trimmed(text: string, left: boolean, right: boolean): string {
  const one = left ? text.trimStart() : text;
  return right ? one.trimEnd() : one;
}

/** Nodes up to an `{{else}}` or `{{end}}` that is not theirs, which is at `next`. */
function listOf(pieces: readonly Piece[], from: number): { readonly nodes: readonly Node[]; readonly next: number } {
  const nodes: Node[] = [];
  let at = from;
  for (; at < pieces.length; at++) {
    const piece = pieces[at] as Piece;
    if ('text' in piece) {
      if (piece.text !== '') nodes.push({ kind: 'text', text: piece.text });
      continue;
    }
    const [first] = piece.action;
    if (first === undefined) throw bad('missing value for command');
    if (first.text === 'end' || first.text === 'else') break;
    if (first.text === 'if' || first.text === 'range' || first.text === 'with') {
      const block = blockOf(pieces, at, first.text, piece.action.slice(1));
      nodes.push(block.node);
      at = block.end;
    } else if (['define', 'template', 'block', 'break', 'continue'].includes(first.text))
      throw new TemplateError(`not simulated: ${first.text} in a format`);
    else nodes.push({ kind: 'action', pipe: pipeOf(new Tokens(piece.action)) });
  }
  return { nodes, next: at };
}

function blockOf(
  pieces: readonly Piece[],
  at: number,
  kind: 'if' | 'range' | 'with',
  tokens: readonly Token[],
): { readonly node: Node; readonly end: number } {
  const pipe = pipeOf(new Tokens(tokens));
  const body = listOf(pieces, at + 1);
  const words = (index: number): readonly string[] => {
    const piece = pieces[index];
    if (piece === undefined || !('action' in piece)) throw bad('unexpected EOF');
    return piece.action.map(({ text }) => text);
  };
  const [first, second] = words(body.next);
  if (first === 'end') return { node: { kind, pipe, body: body.nodes, other: [] }, end: body.next };
  if (second === undefined) {
    const other = listOf(pieces, body.next + 1);
    if (words(other.next)[0] !== 'end') throw bad('expected end; found {{else}}');
    return { node: { kind, pipe, body: body.nodes, other: other.nodes }, end: other.next };
  }
  if (second !== 'if' && second !== 'with') throw bad(`unexpected "${second}" in else`);
  const chained = blockOf(
    pieces,
    body.next,
    second,
    (pieces[body.next] as { action: readonly Token[] }).action.slice(2),
  );
  return { node: { kind, pipe, body: body.nodes, other: [chained.node] }, end: chained.end };
}

class Tokens {
  readonly #tokens: readonly Token[];
  #next = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  peek(ahead = 0): Token | undefined {
    return this.#tokens[this.#next + ahead];
  }

  take(): Token | undefined {
    return this.#tokens[this.#next++];
  }
}

function pipeOf(tokens: Tokens): Pipe {
  const variables: string[] = [];
  const second = tokens.peek(1)?.text;
  const fourth = tokens.peek(3)?.text;
  if (second === ':=' || second === '=' || (second === ',' && fourth === ':=')) {
    variables.push(tokens.take()?.text ?? '');
    if (tokens.take()?.text === ',') {
      variables.push(tokens.take()?.text ?? '');
      tokens.take();
    }
  }
  const commands: Operand[][] = [[]];
  for (let token = tokens.peek(); token !== undefined && token.text !== ')'; token = tokens.peek()) {
    if (token.text === '|') {
      tokens.take();
      commands.push([]);
    } else commands.at(-1)?.push(operandOf(tokens));
  }
  if (commands.some((words) => words.length === 0)) throw bad('missing value for command');
  return { variables, commands };
}

function operandOf(tokens: Tokens): Operand {
  const token = tokens.take() as Token;
  const { kind, text, at } = token;
  const chain = (from: Extract<Operand, { kind: 'value' }>['from'], fields: string[], beginning: string): Operand => {
    let where = at;
    for (let next = tokens.peek(); next?.kind === 'field' && !next.isApart; next = tokens.peek()) {
      // Go tells where the second link of a chain is.
      if (where === at) where = next.at;
      fields.push(next.text.slice(1));
      tokens.take();
    }
    const links = from === '.' ? fields : [beginning, ...fields];
    return { kind: 'value', from, fields, text: `${from === '.' ? '.' : ''}${links.join('.')}`, at: where };
  };
  switch (kind) {
    case 'literal':
      return { kind: 'literal', value: token.value };
    case 'dot':
      return { kind: 'value', from: '.', fields: [], text: '.', at };
    case 'field':
      return chain('.', [text.slice(1)], '');
    case 'variable':
      return chain({ variable: text }, [], text);
    case 'word':
      return { kind: 'function', name: text };
    case 'sign': {
      if (text !== '(') throw bad(`unexpected ${JSON.stringify(text)} in operand`);
      const pipe = pipeOf(tokens);
      if (tokens.take()?.text !== ')') throw bad('unclosed left paren');
      return chain({ pipe }, [], '(…)');
    }
    default:
      return kind satisfies never;
  }
}
