import { CostExceeded, MOST_PER_REQUEST, within } from '../../admission/cel/budget.ts';
import { celEnvironment } from '../../admission/cel/environment.ts';
import { optional } from '../../admission/cel/optional.ts';
import { compile, type Program } from '../../admission/cel/program.ts';
import { equal } from '../../model/equality.ts';
import { forbidden, invalidWithoutValue, required, type Findings } from '../validation/field-errors.ts';
import { pathProblem } from '../validation/extensions/field-paths.ts';
import { childOf, itemOf } from './correlation.ts';
import { ruleValue } from './rule-values.ts';
import { isFields, own, type JsonSchema, type Rule } from './schema.ts';

const environment = celEnvironment(['self', 'oldSelf']);
const parsed = new Map<string, Program>();
/** Rules of definitions that came and went are forgotten at some point. */
const MOST_PARSED = 2000;
/** Bytes; what is longer is not said. */
const LONGEST_MESSAGE = 5120;

function program(rule: string): Program {
  const known = parsed.get(rule);
  if (known !== undefined) return known;
  if (parsed.size >= MOST_PARSED) parsed.clear();
  const made = compile(environment, rule);
  parsed.set(rule, made);
  return made;
}

export interface RuleFindings {
  readonly found: Findings;
  /** Of what an update left as it was: rules that came later are not held against it, but told. */
  readonly ratcheted: Findings;
}

/**
 * `x-kubernetes-validations` at every level (apiextensions-apiserver/pkg/apiserver/schema/cel/validation.go); those that name oldSelf
 * only where there is an old value, or where it is optional.
 */
export function ruleFindings(value: unknown, old: unknown, schema: JsonSchema): RuleFindings {
  const findings: RuleFindings = { found: [], ratcheted: [] };
  try {
    within(MOST_PER_REQUEST, () => checkRules({ value, old, path: '' }, schema, findings));
  } catch (error) {
    if (!(error instanceof CostExceeded)) throw error;
    const why = 'validation failed due to running out of cost budget, no further validation rules will be run';
    findings.found.push(invalidWithoutValue('<nil>', why));
  }
  return findings;
}

interface Place {
  readonly value: unknown;
  readonly old: unknown;
  readonly path: string;
}

function checkRules(place: Place, schema: JsonSchema, findings: RuleFindings): void {
  const { value, old, path } = place;
  const rules = schema['x-kubernetes-validations'] ?? [];
  if (rules.length > 0) {
    const unchanged = old !== undefined && equal(value, old);
    const variables = { self: ruleValue(value, schema), oldSelf: ruleValue(old, schema) };
    for (const rule of rules) {
      const transition = /\boldSelf\b/.test(rule.rule);
      if (transition && old === undefined && !rule.optionalOldSelf) continue;
      const finding = judge(rule, rule.optionalOldSelf ? optionally(variables) : variables, { schema, path });
      if (finding) (unchanged && !transition ? findings.ratcheted : findings.found).push(finding);
    }
  }
  if (Array.isArray(value)) {
    for (const [i, item] of schema.items ? value.entries() : []) {
      checkRules({ value: item, old: itemOf(old, item, schema), path: `${path}[${i}]` }, schema.items!, findings);
    }
  }
  if (!isFields(value)) return;
  for (const [name, field] of Object.entries(value)) {
    if (field === undefined || field === null) continue;
    const property = own(schema.properties, name);
    const part = property ?? schema.additionalProperties;
    if (typeof part !== 'object') continue;
    const at = property ? (path === '' ? name : `${path}.${name}`) : `${path}[${name}]`;
    checkRules({ value: field, old: childOf(old, name, schema), path: at }, part, findings);
  }
}

interface Variables {
  readonly self: unknown;
  readonly oldSelf: unknown;
}

const optionally = ({ self, oldSelf }: Variables): Variables => ({ self, oldSelf: optional(oldSelf) });

/** What a rule that does not hold is told as; undefined when it holds. */
function judge(
  rule: Rule,
  variables: Variables,
  { schema, path }: { schema: JsonSchema; path: string },
): Findings[number] | undefined {
  const at = path === '' ? '<nil>' : path;
  const compiled = program(rule.rule);
  if ('failed' in compiled) return invalidWithoutValue(at, `rule compile error: ${compiled.failed}`);
  const said = (rule.message ?? '').trim();
  const shown = said === '' ? rule.rule.trim() : said;
  try {
    if (compiled.run({ ...variables }) === true) return undefined;
  } catch (error) {
    const { message } = error as Error;
    const why = message.startsWith('no such overload')
      ? `'${message}': call arguments did not match a supported operator, function or macro signature for rule: ${shown}`
      : message.startsWith('operation cancelled: actual cost limit exceeded')
        ? `'${message}': no further validation rules will be run due to call cost exceeds limit for rule: ${shown}`
        : `${message} evaluating rule: ${shown}`;
    return invalidWithoutValue(at, why);
  }
  const message = expressed(rule, variables) ?? (said === '' ? `failed rule: ${shown}` : said);
  return reasoned(rule, fieldOf(rule, schema, path), message);
}

function expressed({ messageExpression }: Rule, variables: Variables): string | undefined {
  if (!messageExpression) return undefined;
  try {
    const compiled = program(messageExpression);
    const made = 'failed' in compiled ? undefined : compiled.run({ ...variables });
    const text = typeof made === 'string' ? made.trim() : '';
    return text === '' || /[\n\r]/.test(text) || Buffer.byteLength(text) > LONGEST_MESSAGE ? undefined : text;
  } catch {
    return undefined; // the plain message, then
  }
}

function fieldOf({ fieldPath }: Rule, schema: JsonSchema, path: string): string {
  const reached = fieldPath ? pathProblem(fieldPath, schema) : undefined;
  const below = reached && 'path' in reached ? reached.path : '';
  if (below === '') return path === '' ? '<nil>' : path;
  return path === '' || below.startsWith('[') ? `${path}${below}` : `${path}.${below}`;
}

function reasoned({ reason }: Rule, field: string, message: string): Findings[number] {
  switch (reason) {
    case 'FieldValueForbidden':
      return forbidden(field, message);
    case 'FieldValueRequired':
      return required(field, message);
    case 'FieldValueDuplicate':
      return { type: 'FieldValueDuplicate', field, message: 'Duplicate value' };
    default:
      return invalidWithoutValue(field, message);
  }
}
