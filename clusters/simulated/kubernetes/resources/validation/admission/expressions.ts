import {
  expressionProblem,
  variableProblem,
  type ExpressionContext,
} from '../../../admission/policies/expression-check.ts';
import { invalid, required, type Findings } from '../field-errors.ts';

/** Match conditions of webhooks: no parameters, no variables. */
export const PLAIN: ExpressionContext = { variables: [], params: false, authorizer: true };

interface Rules {
  /** What is said where there is none. */
  readonly missing: string;
  readonly context: ExpressionContext;
  /** Types that will do; none for any. */
  readonly wanted: Parameters<typeof expressionProblem>[2];
}

/** An expression of a policy or a match condition has to be there and to compile (validateCELCondition, validateValidation …). */
export function validateExpression(expression: string, field: string, found: Findings, rules: Rules): void {
  if (expression.trim() === '') {
    found.push(required(field, rules.missing));
    return;
  }
  const problem = expressionProblem(expression, rules.context, rules.wanted);
  if (problem !== undefined) found.push(invalid(field, expression, problem));
}

/** A variable sees the ones before it and may be of any type. */
export function validateVariable(
  { name, expression }: ExpressionContext['variables'][number],
  field: string,
  found: Findings,
  { missing, context }: Omit<Rules, 'wanted'>,
): void {
  if (expression.trim() === '') {
    found.push(required(field, missing));
    return;
  }
  const problem = variableProblem(name, context);
  if (problem !== undefined) found.push(invalid(field, expression, problem));
}
