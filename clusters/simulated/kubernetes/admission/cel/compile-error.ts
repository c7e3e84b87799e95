import { writtenName, type Node } from './ast.ts';

/** What cel-js throws (lib/errors.js). */
interface CelJsError {
  readonly code?: string;
  readonly summary?: string;
  readonly message: string;
  readonly node?: Node;
  readonly range?: { readonly start: number; readonly end: number };
}

/** One finding of a compilation at an offset of the expression. */
export interface Issue {
  readonly at: number;
  readonly text: string;
}

const ANYTHING =
  "{'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}";

/** cel-go's types: `list(int)`, `map(string, dyn)`. */
const goType = (name: string): string =>
  name
    .replaceAll('<', '(')
    .replaceAll('>', ')')
    .replaceAll(/google\.protobuf\.(Timestamp|Duration)/g, (_, type: string) => type.toLowerCase())
    .replace(/^list$/, 'list(dyn)')
    .replace(/^map$/, 'map(dyn, dyn)')
    .replaceAll(/\b[A-Z]\b/g, 'dyn');

/** The words of cel-go's parser and checker (cel-go/checker/errors.go, parser/parser.go) for what cel-js found. */
export function issueOf(error: unknown, expression: string, knownFunctions: ReadonlySet<string>): Issue {
  const { code, node, range, summary, message } = error as CelJsError;
  const said = summary ?? message.split('\n')[0] ?? '';
  const start = range?.start ?? node?.start ?? 0;
  switch (code) {
    case 'unknown_variable':
      return {
        at: start,
        text: `undeclared reference to '${said.replace('Unknown variable: ', '')}' (in container '')`,
      };
    case 'no_such_overload':
      return operatorIssue(said, node, start);
    case 'no_matching_overload':
      return functionIssue(said, node, start, knownFunctions);
    case 'invalid_logical_operand':
      return {
        at: operandThatIsNotBool(node, said) ?? start,
        text: `expected type 'bool' but found '${goType(quoted(said))}'`,
      };
    case 'invalid_condition_type':
      return {
        at: start,
        text: said.startsWith('Ternary')
          ? `found no matching overload for '_?_:_' applied to '(${goType(quoted(said))}, dyn, dyn)'`
          : `expected type 'bool' but found '${goType(quoted(said))}'`,
      };
    case 'no_such_key':
      return { at: dotOf(node) ?? start, text: `undefined field '${said.replace('No such key: ', '')}'` };
    case 'cannot_index_type':
      return { at: dotOf(node) ?? start, text: `type '${goType(quoted(said))}' does not support field selection` };
    case 'invalid_macro_argument':
      return said.startsWith('has()')
        ? { at: start, text: 'invalid argument to has() macro' }
        : { at: start, text: 'argument must be a simple name' };
    case 'invalid_comprehension_range':
      return {
        at: start,
        text: said
          .replace('Expression', 'expression')
          .replace(/'(.*?)'/, (_all, type: string) => `'${goType(type)}'`)
          .replace(/\.$/, ''),
      };
    default:
      return syntaxIssue(said, start, expression);
  }
}

const quoted = (text: string): string => /'([^']*)'/.exec(text)?.[1] ?? '';

/** Where an operator stands between its operands. */
function operatorPosition(node: Node | undefined): number | undefined {
  if (node === undefined || !Array.isArray(node.args)) return undefined;
  const [left] = node.args as Node[];
  if (left === undefined || typeof left.end !== 'number') return undefined;
  const between = node.input.slice(left.end);
  return left.end + (/^[\s)]*/.exec(between)?.[0].length ?? 0);
}

const dotOf = (node: Node | undefined): number | undefined =>
  node !== undefined && node.op.startsWith('.') ? operatorPosition(node) : undefined;

function operandThatIsNotBool(node: Node | undefined, said: string): number | undefined {
  if (node === undefined || !Array.isArray(node.args)) return undefined;
  const type = quoted(said);
  const operand = (node.args as (Node & { checkedType?: { name: string } })[]).find(
    ({ checkedType }) => checkedType?.name === type,
  );
  return operand?.start;
}

function operatorIssue(said: string, node: Node | undefined, start: number): Issue {
  const binary = /^no such overload: (.+) (==|!=|<=|>=|<|>|\+|-|\*|\/|%|in) (.+)$/.exec(said);
  if (binary !== null) {
    const [, left = '', operator = '', right = ''] = binary;
    const name = operator === 'in' ? '@in' : `_${operator}_`;
    return {
      at: operatorPosition(node) ?? start,
      text: `found no matching overload for '${name}' applied to '(${goType(left)}, ${goType(right)})'`,
    };
  }
  const unary = /^no such overload: ([-!])(.+)$/.exec(said);
  return {
    at: start,
    text: `found no matching overload for '${unary?.[1] ?? ''}_' applied to '(${goType(unary?.[2] ?? '')})'`,
  };
}

function functionIssue(said: string, node: Node | undefined, start: number, known: ReadonlySet<string>): Issue {
  const [, full = '', given = ''] = /'(.+)\((.*)\)'$/.exec(said) ?? [];
  const method = node?.op === 'rcall';
  const dot = full.lastIndexOf('.');
  const raw = method ? full.slice(dot + 1) : full;
  const name = writtenName(raw);
  const receiver = method ? (node.args as [string, Node])[1] : undefined;
  const from = receiver === undefined ? start : receiver.end;
  const at = node === undefined ? start : from + Math.max(0, node.input.slice(from).indexOf('('));
  if (!known.has(raw)) return { at, text: `undeclared reference to '${name}' (in container '')` };
  const types = given === '' ? '' : given.split(', ').map(goType).join(', ');
  const to = method ? `${goType(full.slice(0, dot))}.(${types})` : `(${types})`;
  return { at, text: `found no matching overload for '${name}' applied to '${to}'` };
}

function syntaxIssue(said: string, start: number, expression: string): Issue {
  if (said === 'Unexpected token: EOF') {
    return {
      at: expression.trimEnd().length === 0 ? 0 : expression.length,
      text: `Syntax error: mismatched input '<EOF>' expecting ${ANYTHING}`,
    };
  }
  const missing = /^Expected (\w+), got EOF$/.exec(said)?.[1];
  const sign: Readonly<Record<string, string>> = { RPAREN: "')'", RBRACKET: "']'", RBRACE: "'}'" };
  if (missing !== undefined)
    return { at: expression.length, text: `Syntax error: missing ${sign[missing] ?? missing} at '<EOF>'` };
  if (said === 'Unterminated string') {
    return { at: start, text: `Syntax error: token recognition error at: '${expression.slice(start)}'` };
  }
  const word = /^[\w]+|^./.exec(expression.slice(start))?.[0] ?? '<EOF>';
  if (said.startsWith('Unexpected character')) {
    return /[\w"'([{]/.test(word)
      ? { at: start, text: `Syntax error: extraneous input '${word}' expecting <EOF>` }
      : { at: start, text: `Syntax error: token recognition error at: '${word}'` };
  }
  if (said.startsWith('Unexpected token') || said.startsWith('Expected')) {
    return {
      at: start,
      text: `Syntax error: mismatched input '${word}' expecting ${said.startsWith('Expected IDENTIFIER') ? 'IDENTIFIER' : ANYTHING}`,
    };
  }
  if (/exceed/i.test(said)) return { at: start, text: `not simulated: an expression this large (${said})` };
  return { at: start, text: said };
}

/** `ERROR: <input>:1:8: text`, the line and a mark below it, one after another (cel-go/common/error.go ToDisplayString). */
export function display(issues: readonly Issue[], expression: string): string {
  return [...issues]
    .sort((a, b) => a.at - b.at)
    .map(({ at, text }) => {
      const before = expression.slice(0, at).split('\n');
      const column = before.at(-1)?.length ?? 0;
      const line = (expression.split('\n')[before.length - 1] ?? '').replaceAll('\t', ' ');
      return `ERROR: <input>:${before.length}:${column + 1}: ${text}\n | ${line}\n | ${'.'.repeat(column)}^`;
    })
    .join('\n');
}
