import { CostExceeded, MOST_PER_REQUEST, within } from '../../admission/cel/budget.ts';
import { celEnvironment } from '../../admission/cel/environment.ts';
import { compile, type Program } from '../../admission/cel/program.ts';
import { asCel } from '../../admission/cel/values.ts';
import type { FieldError } from '../../status.ts';
import { equal } from '../registry/equality.ts';
import type { JsonSchema } from './definition.ts';

type Fields = Record<string, unknown>;
const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const environment = celEnvironment(['self', 'oldSelf']);
const parsed = new Map<string, Program>();
/** Rules of definitions that came and went are forgotten at some point. */
const MOST_PARSED = 2000;

function program(rule: string): Program {
  const known = parsed.get(rule);
  if (known !== undefined) return known;
  if (parsed.size >= MOST_PARSED) parsed.clear();
  const made = compile(environment, rule);
  parsed.set(rule, made);
  return made;
}

/** `x-kubernetes-validations` at every level; transition rules (those that name oldSelf) only where there is an old value. */
export function evaluateRules(
  value: unknown,
  old: unknown,
  schema: JsonSchema,
  path: string,
  errors: FieldError[],
): void {
  try {
    within(MOST_PER_REQUEST, () => rulesOf(value, old, schema, path, errors));
  } catch (error) {
    if (!(error instanceof CostExceeded)) throw error;
    errors.push({
      type: 'FieldValueInvalid',
      field: path === '' ? '<nil>' : path,
      message:
        'Invalid value: validation failed due to running out of cost budget, no further validation rules will be run',
    });
  }
}

function rulesOf(value: unknown, old: unknown, schema: JsonSchema, path: string, errors: FieldError[]): void {
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
    value.forEach((item, index) => rulesOf(item, undefined, schema.items!, `${path}[${index}]`, errors));
  }
  if (!isFields(value)) return;
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    if (value[name] === undefined) continue;
    const before = isFields(old) ? old[name] : undefined;
    rulesOf(value[name], before, property, path === '' ? name : `${path}.${name}`, errors);
  }
}

/** The message of a rule that does not hold; undefined when it holds. */
function judge(
  { rule, message, messageExpression }: NonNullable<JsonSchema['x-kubernetes-validations']>[number],
  self: unknown,
  oldSelf: unknown,
): string | undefined {
  const compiled = program(rule);
  if ('failed' in compiled) return `rule compile error: ${compiled.failed}`;
  const variables = { self: asCel(self), oldSelf: asCel(oldSelf) };
  let holds: unknown;
  try {
    holds = compiled.run(variables);
  } catch (error) {
    return `${(error as Error).message} evaluating rule: ${rule}`;
  }
  if (holds === true) return undefined;
  if (messageExpression !== undefined) {
    try {
      const expressed = program(messageExpression);
      const said = 'failed' in expressed ? undefined : expressed.run(variables);
      if (typeof said === 'string' && said !== '') return said;
    } catch {
      // the plain message, then
    }
  }
  return message ?? `failed rule: ${rule}`;
}
