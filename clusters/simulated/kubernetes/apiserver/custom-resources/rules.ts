import { Environment, type ParseResult } from '@marcbachmann/cel-js';
import type { FieldError } from '../../status.ts';
import { equal } from '../registry/equality.ts';
import type { JsonSchema } from './definition.ts';

type Fields = Record<string, unknown>;
const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const environment = new Environment({ unlistedVariablesAreDyn: true });
const parsed = new Map<string, ParseResult | undefined>();
/** Rules of definitions that came and went are forgotten at some point. */
const MOST_PARSED = 2000;

function program(rule: string): ParseResult | undefined {
  if (!parsed.has(rule)) {
    if (parsed.size >= MOST_PARSED) parsed.clear();
    try {
      parsed.set(rule, environment.parse(rule));
    } catch {
      parsed.set(rule, undefined);
    }
  }
  return parsed.get(rule);
}

/** `x-kubernetes-validations` at every level; transition rules (those that name oldSelf) only where there is an old value. */
export function evaluateRules(
  value: unknown,
  old: unknown,
  schema: JsonSchema,
  path: string,
  errors: FieldError[],
): void {
  for (const validation of schema['x-kubernetes-validations'] ?? []) {
    const transition = /\boldSelf\b/.test(validation.rule);
    if (transition && old === undefined) continue;
    if (transition && equal(value, old) && value === old) continue;
    const message = judge(validation, value, old);
    if (message === undefined) continue;
    errors.push({
      type: 'FieldValueInvalid',
      field: path === '' ? '<nil>' : path,
      message: `Invalid value: ${message}`,
    });
  }
  if (Array.isArray(value) && schema.items) {
    value.forEach((item, index) => evaluateRules(item, undefined, schema.items!, `${path}[${index}]`, errors));
  }
  if (!isFields(value)) return;
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    if (value[name] === undefined) continue;
    const before = isFields(old) ? old[name] : undefined;
    evaluateRules(value[name], before, property, path === '' ? name : `${path}.${name}`, errors);
  }
}

/** The message of a rule that does not hold; undefined when it holds. */
function judge(
  { rule, message, messageExpression }: NonNullable<JsonSchema['x-kubernetes-validations']>[number],
  self: unknown,
  oldSelf: unknown,
): string | undefined {
  const compiled = program(rule);
  if (!compiled) return `not simulated: the rule ${rule}`;
  const variables = { self: asCel(self), oldSelf: asCel(oldSelf) };
  let holds: unknown;
  try {
    holds = compiled(variables);
  } catch (error) {
    return `rule compile error: ${(error as Error).message.split('\n')[0]}`;
  }
  if (holds === true) return undefined;
  if (messageExpression !== undefined) {
    try {
      const said = program(messageExpression)?.(variables);
      if (typeof said === 'string' && said !== '') return said;
    } catch {
      // the plain message, then
    }
  }
  return message ?? `failed rule: ${rule}`;
}

/** CEL's integers are 64 bit. */
function asCel(value: unknown): unknown {
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : value;
  if (Array.isArray(value)) return value.map(asCel);
  if (!isFields(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, asCel(part)]));
}
