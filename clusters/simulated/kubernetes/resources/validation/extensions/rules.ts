import type { Environment } from '@marcbachmann/cel-js';
import { display } from '../../../admission/cel/compile-error.ts';
import { compile, type Program } from '../../../admission/cel/program.ts';
import type { JSONSchemaProps, ValidationRule } from '../../../model/generated/objects.ts';
import { invalid, type Findings } from '../field-errors.ts';
import type { RuleTypes } from './rule-types.ts';

/** Rules that do not compile, or that ask for an old value where none can be told. What they would cost is not estimated. */
export function ruleFindings(
  schema: JSONSchemaProps,
  types: RuleTypes,
  path: string,
  uncorrelatable: string | undefined,
): Findings {
  const found: Findings = [];
  for (const [i, validation] of (schema['x-kubernetes-validations'] ?? []).entries()) {
    const { rule, messageExpression, optionalOldSelf } = validation;
    const at = `${path}.x-kubernetes-validations[${i}]`;
    const environment = types.environment(optionalOldSelf === true);
    if (environment === undefined) continue;
    const wrong = problemOf(rule, environment, 'bool');
    if (wrong !== undefined) {
      const why = wrong.failed ?? 'cel expression must evaluate to a bool';
      found.push(invalid(`${at}.rule`, shownRule(validation), why));
    }
    const unsayable = messageExpression ? problemOf(messageExpression, environment, 'string') : undefined;
    if (unsayable !== undefined) {
      const why = unsayable.failed ?? 'must evaluate to a string';
      found.push(invalid(`${at}.messageExpression`, shownRule(validation), `messageExpression ${why}`));
    }
    if (/\boldSelf\b/.test(rule)) {
      if (uncorrelatable === undefined) continue;
      const why = `oldSelf cannot be used on the uncorrelatable portion of the schema within ${uncorrelatable}`;
      found.push(invalid(`${at}.rule`, rule, why));
    } else if (optionalOldSelf !== undefined) {
      found.push(invalid(`${at}.optionalOldSelf`, optionalOldSelf, 'may not be set if oldSelf is not used in rule'));
    }
  }
  return found;
}

function problemOf(
  expression: string,
  environment: Environment,
  wanted: 'bool' | 'string',
): { failed?: string } | undefined {
  const program = withPresence(compile(environment, expression), expression, environment);
  if ('failed' in program) return { failed: `compilation failed: ${program.failed}` };
  return program.type === wanted || program.type === 'dyn' ? undefined : {};
}

const PRESENCE = /\bhas(\()\s*((?:self|oldSelf)(?:\.\w+)+)\s*\)/g;

/** cel-js asks nothing of what `has` is asked about: what begins at `self` is looked up here. */
function withPresence(program: Program, expression: string, environment: Environment): Program {
  if ('failed' in program) return program;
  for (const { index, 2: path } of expression.matchAll(PRESENCE)) {
    const reached = compile(environment, path ?? '');
    const text = 'failed' in reached ? /undefined field '\w+'/.exec(reached.failed)?.[0] : undefined;
    if (text !== undefined) return { failed: display([{ at: index + 'has'.length, text }], expression) };
  }
  return program;
}

/** A rule as a 422 shows it. */
const shownRule = ({
  rule,
  message,
  messageExpression,
  reason,
  fieldPath,
  optionalOldSelf,
}: ValidationRule): object => ({
  Rule: rule,
  Message: message ?? '',
  MessageExpression: messageExpression ?? '',
  Reason: reason ?? null,
  FieldPath: fieldPath ?? '',
  OptionalOldSelf: optionalOldSelf ?? null,
});
