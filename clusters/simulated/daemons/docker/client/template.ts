import { DockerClientError } from './docker-client.ts';

/**
 * The part of Go's text/template that `--format` is used with: fields, `json`, `join`, `len`, `index`, `println`, `range`, `if`. The rest
 * is refused.
 */
export function renderTemplate(template: string, value: unknown): string {
  const tokens = template.split(/(\{\{-?[^{}]*-?\}\})/).filter((token) => token !== '');
  const { nodes, rest } = parse(tokens, 0);
  if (rest < tokens.length) throw bad(`unexpected ${tokens[rest] ?? ''}`);
  return render(nodes, value, new Map());
}

const bad = (why: string): DockerClientError => new DockerClientError(`template parsing error: template: :1: ${why}`);

type Node =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'value'; readonly words: readonly string[] }
  | {
      readonly kind: 'range' | 'if';
      readonly words: readonly string[];
      readonly variables: readonly string[];
      readonly body: readonly Node[];
      readonly other: readonly Node[];
    };

function parse(tokens: readonly string[], from: number): { nodes: Node[]; rest: number } {
  const nodes: Node[] = [];
  let at = from;
  for (; at < tokens.length; at++) {
    const token = tokens[at] ?? '';
    if (!token.startsWith('{{')) {
      nodes.push({ kind: 'text', text: token.replaceAll(String.raw`\t`, '\t').replaceAll(String.raw`\n`, '\n') });
      continue;
    }
    const words =
      token
        .replace(/^\{\{-?|-?\}\}$/g, '')
        .trim()
        .match(/"(?:[^"\\]|\\.)*"|[^\s,]+/g) ?? [];
    const [first = '', ...others] = words;
    if (first === 'end' || first === 'else') return { nodes, rest: at };
    if (first !== 'range' && first !== 'if') {
      nodes.push({ kind: 'value', words });
      continue;
    }
    const assigned = others.indexOf(':=');
    const body = parse(tokens, at + 1);
    let { rest } = body;
    let other: Node[] = [];
    if (/^\{\{-?\s*else\s*-?\}\}$/.test(tokens[rest] ?? '')) ({ nodes: other, rest } = parse(tokens, rest + 1));
    if (!/^\{\{-?\s*end\s*-?\}\}$/.test(tokens[rest] ?? '')) throw bad('unexpected EOF');
    nodes.push({
      kind: first,
      words: others.slice(assigned + 1),
      variables: assigned < 0 ? [] : others.slice(0, assigned),
      body: body.nodes,
      other,
    });
    at = rest;
  }
  return { nodes, rest: at };
}

type Variables = ReadonlyMap<string, unknown>;

function render(nodes: readonly Node[], value: unknown, variables: Variables): string {
  return nodes.map((node) => renderNode(node, value, variables)).join('');
}

function renderNode(node: Node, value: unknown, variables: Variables): string {
  if (node.kind === 'text') return node.text;
  const given = evaluate(node.words, value, variables);
  if (node.kind === 'value') return goText(given);
  if (node.kind === 'if') return render(isEmpty(given) ? node.other : node.body, value, variables);
  if (isEmpty(given)) return render(node.other, value, variables);
  const entries: readonly (readonly [unknown, unknown])[] = Array.isArray(given)
    ? given.map((one, i) => [i, one] as const)
    : Object.entries(given as object).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return entries
    .map(([key, one]) => {
      const own = new Map(variables);
      const [first, second] = node.variables;
      if (second !== undefined) own.set(first ?? '', key).set(second, one);
      else if (first !== undefined) own.set(first, one);
      return render(node.body, one, own);
    })
    .join('');
}

function evaluate(words: readonly string[], value: unknown, variables: Variables): unknown {
  const [first = '', ...rest] = words;
  const operand = (word = '.'): unknown => {
    if (word.startsWith('"')) return JSON.parse(word);
    if (/^\d+$/.test(word)) return Number(word);
    const [, variable, path] = /^(\$\w+)?((?:\.\w*)*)$/.exec(word) ?? [];
    if (path === undefined) throw new DockerClientError(`not simulated: ${word} in a format`);
    if (variable !== undefined && !variables.has(variable)) throw bad(`undefined variable "${variable}"`);
    return field(variable === undefined ? value : variables.get(variable), path);
  };
  switch (first) {
    case 'json':
      return JSON.stringify(operand(rest[0]));
    case 'println':
      return `${rest.map((word) => goText(operand(word))).join(' ')}\n`;
    case 'len':
      return Object.keys((operand(rest[0]) as object | null) ?? {}).length;
    case 'join':
      return (operand(rest[0]) as readonly unknown[]).map(goText).join(goText(operand(rest[1])));
    case 'index':
      return rest
        .slice(1)
        .reduce<unknown>((at, word) => (at as Record<string, unknown>)[String(operand(word))], operand(rest[0]));
    default:
      if (rest.length > 0) throw new DockerClientError(`not simulated: ${words.join(' ')} in a format`);
      return operand(first);
  }
}

function field(value: unknown, path: string): unknown {
  let at = value;
  for (const name of path.split('.').filter((part) => part !== '')) {
    if (typeof at !== 'object' || at === null || !(name in at))
      throw bad(`executing "" at <.${name}>: map has no entry for key "${name}"`);
    at = (at as Record<string, unknown>)[name];
  }
  return at;
}

const isEmpty = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  value === false ||
  value === 0 ||
  value === '' ||
  (typeof value === 'object' && Object.keys(value).length === 0);

/** Go's %v. */
function goText(value: unknown): string {
  if (value === null || value === undefined) return '<no value>';
  if (Array.isArray(value)) return `[${value.map(goText).join(' ')}]`;
  if (typeof value === 'object')
    return `map[${Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, one]) => `${key}:${goText(one)}`)
      .join(' ')}]`;
  return typeof value === 'string' ? value : JSON.stringify(value);
}
