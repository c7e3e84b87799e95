import type { Environment, ParseResult } from '@marcbachmann/cel-js';
import { meter, renameCalls, rootOf, walk, type Node } from './ast.ts';
import { MOST_PER_EXPRESSION, within } from './budget.ts';
import { display, issueOf, type Issue } from './compile-error.ts';
import { pattern } from './patterns.ts';

/** A compiled expression: `run` is bounded and throws an `Error` in cel-go's words; `type` is cel-js' name of what it gives. */
export type Program =
  | {
      readonly run: (variables: Readonly<Record<string, unknown>>) => unknown;
      readonly type: string;
      /** Whether the expression is only a field or an element of an object, which cel-go takes for no type at all. */
      readonly selects: boolean;
    }
  | { readonly failed: string };

/** An expression that is wrong in more places than this is told so often enough. */
const MOST_ISSUES = 10;

/** Compiles and type-checks; `failed` is why it cannot, as cel-go shows it: `ERROR: <input>:1:8: …` over several lines. */
export function compile(environment: Environment, expression: string): Program {
  const issues: Issue[] = [];
  let current = environment;
  for (;;) {
    try {
      const parsed = current.parse(expression);
      renameCalls(rootOf(parsed));
      const checked = parsed.check();
      if (!checked.valid) throw checked.error;
      const wrong = literalIssues(rootOf(parsed));
      if (issues.length + wrong.length === 0) return metered(parsed, checked.type ?? 'dyn');
      return { failed: display([...issues, ...wrong], expression) };
    } catch (error) {
      issues.push(issueOf(error, expression, functionsOf(environment)));
      const missing = (error as { code?: string; summary?: string }).code === 'unknown_variable';
      const name = /^Unknown variable: (\w+)$/.exec((error as { summary?: string }).summary ?? '')?.[1];
      if (!missing || name === undefined || issues.length >= MOST_ISSUES)
        return { failed: display(issues, expression) };
      // cel-go goes on after a name it does not know, and tells of the next one too.
      current = current.clone().registerVariable(name, 'dyn');
    }
  }
}

function metered(parsed: ParseResult, type: string): Program {
  meter(rootOf(parsed));
  return {
    type,
    selects: UNTYPED.has(baseOf(rootOf(parsed))),
    run(variables) {
      try {
        return within(MOST_PER_EXPRESSION, () => parsed(variables as Record<string, unknown>) as unknown);
      } catch (error) {
        throw new Error(celError(error), { cause: error });
      }
    },
  };
}

/** What cel-go has no types for either; `request` and `namespaceObject` have theirs upstream. */
const UNTYPED: ReadonlySet<unknown> = new Set(['object', 'oldObject', 'params']);

/** The name at the beginning of `a.b[c].d`; undefined for other expressions. */
function baseOf(root: Node): unknown {
  let node = root;
  while (node.op === '.' || node.op === '[]') [node] = node.args as [Node];
  return node.op === 'id' ? node.args : undefined;
}

/** Patterns and mixed literals are looked at before anything runs (apiserver/pkg/cel/environment/base.go, the AST validators). */
function literalIssues(root: Node): Issue[] {
  const issues: Issue[] = [];
  walk(root, (node) => {
    if (node.op !== 'rcall') return;
    const [name, , [given]] = node.args as [string, Node, Node[]];
    if (name !== 'k8sMatches' || given?.op !== 'value' || typeof given.args !== 'string') return;
    try {
      pattern(given.args);
    } catch {
      issues.push({ at: given.start, text: 'invalid matches argument' });
    }
  });
  return issues;
}

const functions = new WeakMap<Environment, ReadonlySet<string>>();
function functionsOf(environment: Environment): ReadonlySet<string> {
  const known = functions.get(environment) ?? new Set(environment.getDefinitions().functions.map(({ name }) => name));
  functions.set(environment, known);
  return known;
}

/** The words of a run-time error as cel-go says them, without cel-js' drawing of the place. */
function celError(error: unknown): string {
  const { summary, message } = error as { summary?: string; message?: string };
  const said = summary ?? (message ?? String(error)).split('\n')[0] ?? '';
  const outOfBounds = /index out of bounds, index (-?\d+)/.exec(said)?.[1];
  if (outOfBounds !== undefined) return `index out of bounds: ${outOfBounds}`;
  if (said.startsWith('No such key: ')) return `no such key: ${said.slice('No such key: '.length)}`;
  if (said.startsWith('no such overload') || said.startsWith('found no matching overload')) return 'no such overload';
  if (said.startsWith('integer overflow')) return 'integer overflow';
  if (said.startsWith('modulo by zero')) return 'modulus by zero';
  const [, wanted] = /^(int|uint|double)\(\) type error: cannot convert/.exec(said) ?? [];
  if (wanted !== undefined) return `type conversion error from 'string' to '${wanted}'`;
  if (said.startsWith('int() type error: integer overflow')) return 'integer overflow';
  return said;
}
