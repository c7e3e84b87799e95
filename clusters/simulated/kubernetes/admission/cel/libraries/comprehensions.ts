import type { Environment } from '@marcbachmann/cel-js';
import type { Node } from '../ast.ts';

/** Parts of cel-js that a macro meets (lib/macros.js, lib/registry.js; the version is pinned). */
interface Type {
  readonly kind: string;
  readonly name: string;
  readonly keyType: Type;
  readonly valueType: Type;
}
interface Checker {
  check(node: Node, context: Context): Type;
  getType(name: string): Type;
  createError(code: string, message: string, node: Node): Error;
}
interface Context {
  forkWithVariable(name: string, type: Type): Context;
  reuse(parent: Context): Context;
  setIterValue(value: unknown, evaluator: Evaluator): Context;
}
interface Evaluator {
  run(node: Node, context: Context): unknown;
}

interface Macro {
  readonly range: Node;
  readonly names: readonly [Node, Node];
  readonly filter: Node | undefined;
  readonly body: Node;
  readonly result: string;
  readonly gather: Gather;
  outer?: Context;
  inner?: Context;
}

/** One turn: its key and what the filter and the body make of it, which may throw. */
interface Turn {
  readonly key: unknown;
  readonly kept: () => boolean;
  readonly value: () => unknown;
}
type Gather = (turns: Iterable<Turn>) => unknown;

/** `all` and `exists` forget what breaks in one turn if another decides. */
const decidedBy =
  (decisive: boolean): Gather =>
  (turns) => {
    let broken: unknown;
    for (const { value } of turns) {
      try {
        if (holds(value()) === decisive) return decisive;
      } catch (error) {
        broken ??= error;
      }
    }
    if (broken !== undefined) throw broken;
    return !decisive;
  };

function holds(value: unknown): boolean {
  if (typeof value !== 'boolean') throw new Error('no such overload');
  return value;
}

const existsOne: Gather = (turns) => [...turns].filter(({ value }) => holds(value())).length === 1;
const transformList: Gather = (turns) => [...turns].filter(({ kept }) => kept()).map(({ value }) => value());

function transformMap(turns: Iterable<Turn>): unknown {
  const entries = [...turns].filter(({ kept }) => kept()).map(({ key, value }) => [key, value()] as const);
  return entries.every(([key]) => typeof key === 'string') ? Object.fromEntries(entries) : new Map(entries);
}

/** Each turn makes a map, and all are one. */
function transformMapEntry(turns: Iterable<Turn>): unknown {
  const entries = new Map<unknown, unknown>();
  for (const { kept, value } of turns) {
    if (!kept()) continue;
    for (const [key, made] of entriesOf(value())) {
      if (entries.has(key)) throw new Error(`insert failed: key ${String(key)} already exists`);
      entries.set(key, made);
    }
  }
  return [...entries.keys()].every((key) => typeof key === 'string') ? Object.fromEntries(entries) : entries;
}

/** What a list or a map is gone through by: index and item, or key and value. */
function entriesOf(range: unknown): readonly (readonly [unknown, unknown])[] {
  if (Array.isArray(range)) return range.map((item: unknown, at) => [BigInt(at), item]);
  if (range instanceof Map) return [...(range as Map<unknown, unknown>)];
  if (typeof range === 'object' && range !== null) return Object.entries(range);
  throw new Error('no such overload');
}

function typeCheck(checker: Checker, macro: Macro, context: Context): Type {
  const { range, names, filter, body, result } = macro;
  const [key, value] = names.map((name) => {
    if (name.op === 'id') return String(name.args);
    throw checker.createError('invalid_macro_argument', 'argument must be a simple name', name);
  });
  const type = checker.check(range, context);
  const dyn = checker.getType('dyn');
  const kinds: Readonly<Record<string, readonly [Type, Type]>> = {
    list: [checker.getType('int'), type.valueType],
    map: [type.keyType, type.valueType],
    dyn: [dyn, dyn],
  };
  const kind = Object.hasOwn(kinds, type.kind) ? kinds[type.kind] : undefined;
  if (kind === undefined) {
    const message = `Expression of type '${type.name}' cannot be range of a comprehension (must be list, map, or dynamic).`;
    throw checker.createError('invalid_comprehension_range', message, range);
  }
  macro.outer = context.forkWithVariable(key ?? '', kind[0]);
  macro.inner = macro.outer.forkWithVariable(value ?? '', kind[1]);
  if (filter !== undefined) checker.check(filter, macro.inner);
  checker.check(body, macro.inner);
  return checker.getType(result);
}

function evaluate(evaluator: Evaluator, macro: Macro, context: Context): unknown {
  const { range, filter, body, gather, outer, inner } = macro;
  if (outer === undefined || inner === undefined) throw new Error('a comprehension is run before it is checked');
  // Contexts are used again for every turn, and a body may itself go through something: they are laid anew for each part.
  const within = (node: Node, key: unknown, value: unknown): unknown =>
    evaluator.run(node, inner.reuse(outer.reuse(context).setIterValue(key, evaluator)).setIterValue(value, evaluator));
  const turns = entriesOf(evaluator.run(range, context)).map(([key, value]): Turn => ({
    key,
    kept: () => filter === undefined || holds(within(filter, key, value)),
    value: () => within(body, key, value),
  }));
  return gather(turns);
}

const FUNCTIONS: readonly (readonly [name: string, result: string, gather: Gather, filters: boolean])[] = [
  ['all', 'bool', decidedBy(false), false],
  ['exists', 'bool', decidedBy(true), false],
  ['existsOne', 'bool', existsOne, false],
  ['transformList', 'list<dyn>', transformList, true],
  ['transformMap', 'map<dyn, dyn>', transformMap, true],
  ['transformMapEntry', 'map<dyn, dyn>', transformMapEntry, true],
];

/** Comprehensions over keys and values, or indexes and items (cel-go/ext/comprehensions.go, TwoVarComprehensions). */
export function comprehensions(environment: Environment): void {
  for (const [name, result, gather, filters] of FUNCTIONS) {
    for (const parts of filters ? [3, 4] : [3]) {
      const signature = `list.${name}(${Array.from({ length: parts }, () => 'ast').join(', ')}): ${result}`;
      environment.registerFunction(signature, ({ args, receiver }: { args: Node[]; receiver: Node }) => {
        const [key, value, first, second] = args as [Node, Node, Node, Node | undefined];
        const [filter, body] = second === undefined ? [undefined, first] : [first, second];
        return {
          range: receiver,
          names: [key, value],
          filter,
          body,
          result,
          gather,
          typeCheck,
          evaluate,
          async: false,
        };
      });
    }
  }
}
