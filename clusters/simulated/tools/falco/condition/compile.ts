import { isIP } from 'node:net';
import { RE2JS } from 're2js';
import { systemCalls } from '../../../hosts/system-calls.ts';
import type { FalcoEvent, Field, FieldValue } from '../fields/field.ts';
import { findField, type FoundField } from '../fields/table.ts';
import { matchesGlob, matchesPath } from './patterns.ts';
import { isWithin } from './ranges.ts';
import { type Condition, ConditionError, type Operand, type Operator, type Right, type Transformer } from './syntax.ts';

export type Check = (event: FalcoEvent) => boolean;

/** Events of falco's that are no system calls (driver/event_table.c), and names of system calls that are older than its tables. */
const OTHER_EVENTS = new Set([
  'container',
  'switch',
  'signaldeliver',
  'procexit',
  'procinfo',
  'drop',
  'syscall',
  'umount',
  'eventfd',
]);
const CALLS = systemCalls('x64');

/**
 * Makes a check of a condition whose macros are resolved. A comparison with a value that the event does not have does not hold, whatever the
 * operator. Throws `ConditionError` with libsinsp's words (userspace/libsinsp/filter.cpp).
 */
export function compileCondition(condition: Condition): Check {
  switch (condition.is) {
    case 'and': {
      const checks = condition.children.map(compileCondition);
      return (event) => checks.every((check) => check(event));
    }
    case 'or': {
      const checks = condition.children.map(compileCondition);
      return (event) => checks.some((check) => check(event));
    }
    case 'not': {
      const check = compileCondition(condition.child);
      return (event) => !check(event);
    }
    case 'name':
      throw new ConditionError(`Undefined macro '${condition.name}' used in filter.`, condition.at);
    case 'check':
      return compileCheck(condition);
    default:
      return condition satisfies never;
  }
}

/** Names of events that a condition asks for by `evt.type`, as far as they stand in it. */
export function eventTypes(condition: Condition): readonly string[] {
  if (condition.is === 'and' || condition.is === 'or') return condition.children.flatMap(eventTypes);
  if (condition.is !== 'check' || condition.left.field !== 'evt.type') return [];
  const { right, operator } = condition;
  if (operator === '!=') return [];
  return right.is === 'text' ? [right.text] : right.is === 'list' ? right.items : [];
}

function compileCheck({ left, operator, right, at }: Extract<Condition, { is: 'check' }>): Check {
  const { found, value } = operandOf(left);
  if (operator === 'exists') return (event) => value(event) !== undefined;
  if (left.field === 'evt.type') knownEvents(right, at);
  const type =
    left.transformers.length > 0 ? (left.transformers.at(-1) === 'len' ? 'number' : 'text') : found.field.type;
  const holds = comparison(operator, type, at);
  if (right.is === 'operand') {
    const other = operandOf(right.operand).value;
    return (event) => anyOf(value(event), (one) => anyOf(other(event), (two) => holds(one, [String(two)])));
  }
  const wanted = right.is === 'list' ? right.items : right.is === 'text' ? [right.text] : [];
  for (const text of wanted) refuseValue(text, type, operator, at);
  return (event) => anyOf(value(event), (one) => holds(one, wanted));
}

function knownEvents(right: Right, at: number): void {
  const names = right.is === 'text' ? [right.text] : right.is === 'list' ? right.items : [];
  const unknown = names.find((name) => !CALLS.has(name) && !OTHER_EVENTS.has(name));
  if (unknown !== undefined) throw new ConditionError(`unknown event type ${unknown}`, at);
}

function operandOf({ field, argument, transformers, at }: Operand): {
  readonly found: FoundField;
  readonly value: (event: FalcoEvent) => FieldValue;
} {
  const search = findField(field, argument);
  if ('refused' in search) {
    const written = argument === undefined ? field : `${field}[${argument}]`;
    throw new ConditionError(search.refused ?? `filter_check called with nonexistent field ${written}`, at);
  }
  const { found } = search;
  if (transformers.length === 0) return { found, value: (event) => found.value(event) };
  return {
    found,
    value: (event) => transformers.reduce<FieldValue>((value, one) => transform(value, one), found.value(event)),
  };
}

function transform(value: FieldValue, transformer: Transformer): FieldValue {
  if (value === undefined) return undefined;
  if (transformer === 'len') return typeof value === 'object' ? value.length : String(value).length;
  const change = (text: string): string => {
    switch (transformer) {
      case 'tolower':
        return text.toLowerCase();
      case 'toupper':
        return text.toUpperCase();
      case 'b64':
        return Buffer.from(text, 'base64').toString('utf8');
      case 'basename':
        return text.split('/').at(-1) ?? '';
      default:
        return transformer satisfies never;
    }
  };
  return typeof value === 'object' ? value.map((one) => change(String(one))) : change(String(value));
}

type Single = string | number | boolean;

const anyOf = (value: FieldValue, holds: (one: Single) => boolean): boolean =>
  value === undefined ? false : typeof value === 'object' ? value.some(holds) : holds(value);

const NUMERIC = new Set<Operator>(['=', '==', '!=', '<', '<=', '>', '>=', 'in', 'intersects']);

function refuseValue(text: string, type: Field['type'], operator: Operator, at: number): void {
  if (type === 'number' && NUMERIC.has(operator) && Number.isNaN(numberOf(text)))
    throw new ConditionError(`filter error: '${text}' is not a valid number`, at);
  if (type === 'flag' && text !== 'true' && text !== 'false')
    throw new ConditionError(`filter error: unrecognized boolean value '${text}'`, at);
  if (type === 'net' && isIP(text.split('/')[0] ?? '') === 0)
    throw new ConditionError(`unrecognized IP address ${text}`, at);
  if (operator === 'regex') {
    try {
      RE2JS.compile(text);
    } catch {
      throw new ConditionError(`invalid regular expression '${text}'`, at);
    }
  }
}

const numberOf = (text: string): number => (text.trim() === '' ? Number.NaN : Number(text));

function comparison(
  operator: Operator,
  type: Field['type'],
  at: number,
): (value: Single, wanted: readonly string[]) => boolean {
  const isNumber = type === 'number';
  const same = (value: Single, text: string): boolean =>
    type === 'net' ? isWithin(String(value), text) : isNumber ? value === numberOf(text) : String(value) === text;
  const first = (test: (value: string, text: string) => boolean) => (value: Single, wanted: readonly string[]) =>
    test(String(value), wanted[0] ?? '');
  const ordered = (test: (value: number, wanted: number) => boolean) => {
    if (!isNumber) throw new ConditionError(`'${operator}' operator not supported for string filters`, at);
    return (value: Single, wanted: readonly string[]) => test(Number(value), numberOf(wanted[0] ?? ''));
  };
  switch (operator) {
    case '=':
    case '==':
    case 'in':
    case 'intersects':
      return (value, wanted) => wanted.some((text) => same(value, text));
    case '!=':
      return (value, wanted) => !wanted.some((text) => same(value, text));
    case '<':
      return ordered((value, wanted) => value < wanted);
    case '<=':
      return ordered((value, wanted) => value <= wanted);
    case '>':
      return ordered((value, wanted) => value > wanted);
    case '>=':
      return ordered((value, wanted) => value >= wanted);
    case 'contains':
      return first((value, text) => value.includes(text));
    case 'icontains':
      return first((value, text) => value.toLowerCase().includes(text.toLowerCase()));
    case 'startswith':
      return first((value, text) => value.startsWith(text));
    case 'endswith':
      return first((value, text) => value.endsWith(text));
    case 'bcontains':
      return first((value, text) => value.includes(Buffer.from(text, 'hex').toString('utf8')));
    case 'bstartswith':
      return first((value, text) => value.startsWith(Buffer.from(text, 'hex').toString('utf8')));
    case 'glob':
      return first(matchesGlob);
    case 'iglob':
      return first((value, text) => matchesGlob(value.toLowerCase(), text.toLowerCase()));
    case 'regex':
      return first((value, text) => RE2JS.matches(text, value));
    case 'pmatch':
      return (value, wanted) => wanted.some((text) => matchesPath(String(value), text));
    case 'exists':
      return () => true;
    default:
      return operator satisfies never;
  }
}
