import { parseCondition } from '../condition/parse.ts';
import { type Condition, ConditionError, LIST_OPERATORS } from '../condition/syntax.ts';
import type { Context } from './context.ts';
import { LoadError } from './context.ts';
import type { ExceptionValue, ListDefinition, MacroDefinition, RuleException } from './definitions.ts';

/** A condition comes to as many characters at most once its lists are in it. */
const LONGEST = 200_000;
/** Macros in macros. */
const DEEPEST = 50;

/** What of all lists is said of one, those that it names among its items resolved once, as upstream does. */
export function resolvedLists(lists: ReadonlyMap<string, ListDefinition>): ReadonlyMap<string, readonly string[]> {
  return new Map([...lists].map(([name, { items }]) => [name, items.flatMap((one) => lists.get(one)?.items ?? [one])]));
}

const quote = (item: string): string => (item.includes(' ') && !/^["']/.test(item) ? `"${item}"` : item);

/** Puts lists' items where their names stand (userspace/engine/rule_loader_compiler.cpp, `resolve_list`). */
function withLists(condition: string, lists: ReadonlyMap<string, readonly string[]>): string {
  const names = /(^|[\s(),=])([^\s(),=]+)(?=$|[\s(),=])/g;
  return condition.replace(names, (whole: string, before: string, name: string) => {
    const items = lists.get(name);
    return items === undefined ? whole : `${before}${items.map(quote).join(', ')}`;
  });
}

/** Reads a condition that may name lists. Throws `LoadError` with the place in it. */
export function readCondition(
  text: string,
  lists: ReadonlyMap<string, readonly string[]>,
  context: Context,
): { readonly condition: Condition; readonly text: string } {
  // An empty list leaves a comma behind.
  const whole = withLists(text, lists)
    .replace(/\(\s*,/g, '(')
    .replace(/,\s*(?=[,)])/g, '');
  if (whole.length > LONGEST)
    throw new LoadError(
      'LOAD_ERR_COMPILE_CONDITION',
      `not simulated: conditions of ${whole.length} characters`,
      context,
    );
  try {
    return { condition: parseCondition(whole), text: whole };
  } catch (error) {
    if (!(error instanceof ConditionError)) throw error;
    throw new LoadError('LOAD_ERR_COMPILE_CONDITION', error.message, conditionContext(whole, error.at, context));
  }
}

/** The context of a place in a condition; its "file" is the condition's begin. */
export function conditionContext(condition: string, at: number, context: Context): Context {
  const begin = condition.length > 20 ? `${condition.slice(0, 17)}...` : condition;
  const before = condition.slice(0, at);
  const from = before.lastIndexOf('\n') + 1;
  const end = condition.indexOf('\n', from);
  const base = context.places.at(-1);
  const lineNumber = before.split('\n').length;
  const place = {
    what: 'condition expression',
    name: '',
    file: `"${begin.replaceAll(/[\r\n]/g, ' ')}"`,
    line: (base?.line ?? 0) + lineNumber,
    column: (base?.column ?? 0) + at - from + 1,
  };
  const line = condition.slice(from, end < 0 ? undefined : end);
  return { places: [...context.places, place], shown: line === '' ? undefined : { line, column: at - from } };
}

/** A condition with its macros in it. `conditions`: the macros that may be named. Throws `LoadError` for one that there is not. */
export function withMacros(
  { condition, text }: { readonly condition: Condition; readonly text: string },
  conditions: ReadonlyMap<string, Condition>,
  context: Context,
  depth = 0,
): Condition {
  const resolve = (one: Condition): Condition => {
    switch (one.is) {
      case 'and':
      case 'or':
        return { ...one, children: one.children.map(resolve) };
      case 'not':
        return { ...one, child: resolve(one.child) };
      case 'check':
        return one;
      case 'name': {
        const macro = conditions.get(one.name);
        if (macro === undefined || depth > DEEPEST)
          throw new LoadError(
            'LOAD_ERR_VALIDATE',
            `Undefined macro '${one.name}' used in filter.`,
            conditionContext(text, one.at, context),
          );
        return macro;
      }
      default:
        return one satisfies never;
    }
  };
  return resolve(condition);
}

/** Conditions of all macros. One may name those that were defined before it, and before it was last changed. */
export function resolvedMacros(
  macros: ReadonlyMap<string, MacroDefinition & { readonly index: number; readonly visibility: number }>,
  lists: ReadonlyMap<string, readonly string[]>,
): ReadonlyMap<string, Condition> {
  const resolved = new Map<string, Condition>();
  for (const macro of macros.values()) {
    const visible = new Map([...resolved].filter(([name]) => (macros.get(name)?.index ?? Infinity) < macro.visibility));
    const read = readCondition(macro.condition, lists, macro.conditionContext);
    resolved.set(macro.name, withMacros(read, visible, macro.context));
  }
  return resolved;
}

const LISTS: ReadonlySet<string> = new Set(LIST_OPERATORS);

/** A rule's condition but for its exceptions (`build_rule_exception_infos`). Throws `LoadError`. */
export function withExceptions(condition: string, exceptions: readonly RuleException[]): string {
  return [`(${condition})`, ...exceptions.map(exceptionText).filter((text) => text !== '')].join(' and not ');
}

function exceptionText({ fields, comps, values, context }: RuleException): string {
  const refuse = (message: string): LoadError => new LoadError('LOAD_ERR_VALIDATE', message, context);
  if (fields === undefined) throw refuse('Rule exception item must have fields property with a list of fields');
  if (typeof fields === 'string') {
    const comp = comps ?? 'in';
    if (typeof comp !== 'string') throw refuse('Fields and comps must both be strings');
    if (!LISTS.has(comp)) throw refuse('When fields is a single value, comps must be one of (in, pmatch, intersects)');
    const items = values.map((value) => {
      if (typeof value !== 'string') throw refuse('Expected values array to contain a list of strings');
      return quote(value);
    });
    return items.length === 0 ? '' : `(${fields} ${comp} (${items.join(', ')}))`;
  }
  const operators = comps ?? fields.map(() => '=');
  if (operators.length !== fields.length) throw refuse('Fields and comps lists must have equal length');
  const rows = values.map((value) => {
    if (value.length !== fields.length || typeof value === 'string')
      throw refuse('Fields and values lists must have equal length');
    return `(${fields.map((field, i) => `${field} ${operators[i] ?? '='} ${valueText(value, i, operators[i] ?? '=')}`).join(' and ')})`;
  });
  return rows.length === 0 ? '' : `(${rows.join(' or ')})`;
}

function valueText(row: Exclude<ExceptionValue, string>, i: number, operator: string): string {
  const value = row[i] ?? '';
  if (typeof value !== 'string') return `(${value.map(quote).join(', ')})`;
  if (LISTS.has(operator)) return value.startsWith('(') ? value : `(${value})`;
  return quote(value);
}
