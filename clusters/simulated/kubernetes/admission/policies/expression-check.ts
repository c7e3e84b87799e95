import { withMapsForObjects } from '../cel/object-literals.ts';
import { policyProgram, type Declared, type Variable } from './policy-program.ts';

export interface ExpressionContext extends Declared {
  readonly variables: readonly Variable[];
}

/**
 * Why an expression of a policy or a match condition is refused when it is written: `compilation failed: ERROR: …`, `must evaluate to
 * bool` (apiserver/pkg/admission/plugin/cel/compile.go CompileCELExpression). Undefined when it is good. `wanted` are the types that
 * will do, none for any; what cannot be known before it runs will do as well, unless the expression only selects a field.
 */
export function expressionProblem(
  expression: string,
  context: ExpressionContext,
  wanted: readonly ('bool' | 'string' | 'null')[],
): string | undefined {
  const program = policyProgram(context.variables, {
    params: context.params,
    authorizer: context.authorizer,
  }).expression(expression);
  if ('failed' in program) return `compilation failed: ${program.failed}`;
  if (wanted.length === 0) return undefined;
  if (program.type === 'dyn' ? !program.selects : wanted.some((type) => type === program.type)) return undefined;
  const names = wanted.map((type) => (type === 'null' ? 'null_type' : type));
  return names.length === 1 ? `must evaluate to ${names[0]}` : `must evaluate to one of [${names.join(' ')}]`;
}

/** The same for a variable, which may be of any type and sees those before it. */
export function variableProblem(name: string, context: ExpressionContext): string | undefined {
  const program = policyProgram(context.variables, { params: context.params, authorizer: context.authorizer }).variable(
    name,
  );
  return 'failed' in program ? `compilation failed: ${program.failed}` : undefined;
}

/** The same for the patch of a mutating policy. Of its type only what cannot be is told. */
export function mutationProblem(
  expression: string,
  patchType: 'ApplyConfiguration' | 'JSONPatch',
  { variables, params, authorizer }: ExpressionContext,
): string | undefined {
  const rewritten = withMapsForObjects(expression) ?? expression;
  const program = policyProgram(variables, { params, authorizer }).expression(rewritten);
  if ('failed' in program) return `compilation failed: ${program.failed}`;
  const wanted = patchType === 'JSONPatch' ? ['list', 'dyn'] : ['map', 'dyn', 'object'];
  if (wanted.some((type) => program.type.startsWith(type))) return undefined;
  return `must evaluate to ${patchType === 'JSONPatch' ? 'list(JSONPatch)' : 'Object'}`;
}
