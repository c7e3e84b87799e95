/**
 * Whether conditions hold (webhook/matchconditions/matcher.go): one that is false decides, whatever breaks in others; `failed` tells of
 * those that broke where none is false, and the failure policy is to decide. `evaluate` throws what is wrong with an expression.
 */
export function meetsConditions(
  conditions: readonly { readonly expression: string }[] | undefined,
  evaluate: (expression: string) => unknown,
): { readonly meets: boolean } | { readonly failed: string } {
  const broken: string[] = [];
  for (const { expression } of conditions ?? []) {
    try {
      if (evaluate(expression) !== true) return { meets: false };
    } catch (error) {
      broken.push((error as Error).message);
    }
  }
  if (broken.length === 0) return { meets: true };
  return { failed: broken.length === 1 ? (broken[0] ?? '') : `[${[...new Set(broken)].join(', ')}]` };
}
