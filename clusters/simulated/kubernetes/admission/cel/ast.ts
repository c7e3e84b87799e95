import type { ParseResult } from '@marcbachmann/cel-js';
import { spend, weightOf } from './budget.ts';

/**
 * A node of cel-js' tree, as far as it is used here (lib/parser.js, class ASTNode; the version is pinned). A macro's call keeps what it
 * became in `meta`: `alternate` is another tree, `macro` evaluates by itself.
 */
export interface Node {
  readonly op: string;
  readonly args: unknown;
  readonly pos: number;
  readonly start: number;
  readonly end: number;
  readonly input: string;
  readonly meta: {
    readonly alternate?: Node;
    readonly macro?: Record<string, unknown> & { evaluate: Evaluate };
    readonly evaluate: Evaluate;
  };
  evaluate: Evaluate;
}
type Evaluate = (evaluator: unknown, node: unknown, context: unknown) => unknown;

export const rootOf = (parsed: ParseResult): Node => parsed.ast as unknown as Node;

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && 'op' in value && 'meta' in value && 'input' in value;

/** Every node, parents first; what macros became as well. */
export function walk(root: Node, visit: (node: Node) => void): void {
  const seen = new Set<unknown>();
  const into = (value: unknown): void => {
    if (typeof value !== 'object' || value === null || seen.has(value)) return;
    seen.add(value);
    if (isNode(value)) {
      visit(value);
      into(value.args);
      into(value.meta.alternate);
      into(value.meta.macro);
    } else if (Array.isArray(value)) value.forEach(into);
    else if (Object.getPrototypeOf(value) === Object.prototype) Object.values(value).forEach(into);
  };
  into(root);
}

/** cel-js' own functions that know no bounds, or JavaScript's patterns, and whose signatures cannot be registered again: ours have other names. */
const REPLACED: Readonly<Record<string, string>> = {
  'matches/1': 'k8sMatches',
  'join/0': 'k8sJoin',
  'join/1': 'k8sJoin',
};
/** Functions of cel-js that CEL does not have. */
const NOT_CEL = new Set(['json', 'hex', 'at', 'string', 'base64']);

/** Makes calls go to our functions. Before checking. */
export function renameCalls(root: Node): void {
  walk(root, (node) => {
    if (node.op !== 'rcall') return;
    const call = node.args as [string, Node, Node[]];
    const [name, , given] = call;
    if (NOT_CEL.has(name) && call[1].op !== 'id') call[0] = `${name} `;
    call[0] = REPLACED[`${name}/${given.length}`] ?? call[0];
  });
}

/** Names as the learner wrote them. */
export const writtenName = (name: string): string =>
  name.replace('k8sMatches', 'matches').replace('k8sJoin', 'join').trimEnd();

const CALLS = new Set(['call', 'rcall', '+', '==', '!=', 'in', '<', '<=', '>', '>=']);

/** Makes every node pay when it is evaluated, and functions for what they read and make. After checking. */
export function meter(root: Node): void {
  walk(root, (node) => {
    const { meta } = node;
    if (meta.alternate !== undefined) return;
    const measured = CALLS.has(node.op);
    node.evaluate = (evaluator, _node, context) => {
      spend(1);
      const value =
        meta.macro === undefined
          ? meta.evaluate.call(node, evaluator, node, context)
          : meta.macro.evaluate(evaluator, meta.macro, context);
      if (measured) spend(weightOf(value));
      return value;
    };
  });
  walk(root, (node) => {
    if (!CALLS.has(node.op)) return;
    for (const operand of operandsOf(node)) {
      const evaluate = operand.evaluate;
      operand.evaluate = function (this: Node, evaluator, self, context) {
        const value = evaluate.call(operand, evaluator, self, context);
        spend(weightOf(value));
        return value;
      };
    }
  });
}

function operandsOf({ op, args }: Node): readonly Node[] {
  const given = args as unknown[];
  if (op === 'call') return (given[1] as Node[]).filter(isNode);
  if (op === 'rcall') return [given[1], ...(given[2] as unknown[])].filter(isNode);
  return given.filter(isNode);
}
