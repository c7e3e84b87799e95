import { celEnvironment } from '../../../admission/cel/environment.ts';
import { invalid, required, type Findings } from '../field-errors.ts';

type Environment = ReturnType<typeof celEnvironment>;

const VARIABLES = ['object', 'oldObject', 'request', 'params', 'namespaceObject', 'authorizer', 'variables'];

let environment: Environment | undefined;

/** An expression of a policy or a match condition has to be there and to compile (validateCELCondition, validateValidation …). */
export function validateExpression(expression: string, field: string, found: Findings, missing: string): void {
  if (expression.trim() === '') {
    found.push(required(field, missing));
    return;
  }
  const text = compileError(expression);
  if (text !== undefined) found.push(invalid(field, expression, `compilation failed: ${text}`));
}

function compileError(expression: string): string | undefined {
  environment ??= celEnvironment(VARIABLES);
  try {
    const { error } = environment.check(expression);
    // What cel-js cannot type is left to the evaluation: only names and syntax are told.
    return error && /Unknown variable|Unexpected|expected|Unterminated|Invalid/i.test(error.message)
      ? inWordsOfCelGo(expression, error.message)
      : undefined;
  } catch (error) {
    return error instanceof Error ? inWordsOfCelGo(expression, error.message) : undefined;
  }
}

/** cel-go names the place and shows the line with a caret below. */
function inWordsOfCelGo(expression: string, message: string): string {
  const [first = '', ...rest] = message.split('\n');
  const shown = rest.find((line) => /^>\s*\d+ \| /.test(line)) ?? '';
  const line = Number(/^>\s*(\d+)/.exec(shown)?.[1] ?? '1');
  const caret = rest.find((text) => /^\s*\^/.test(text)) ?? '';
  const offset = Math.max(0, caret.indexOf('^') - shown.indexOf('| ') - 2);
  const unknown = /Unknown variable: (\S+)/.exec(first)?.[1];
  const why =
    unknown === undefined ? `Syntax error: ${first}` : `undeclared reference to '${unknown}' (in container '')`;
  const source = expression.split('\n')[line - 1] ?? '';
  return `ERROR: <input>:${line}:${offset + 1}: ${why}\n | ${source}\n | ${'.'.repeat(offset)}^`;
}
