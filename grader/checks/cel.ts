import { Environment } from '@marcbachmann/cel-js';

/** A compiled CEL expression over `fact` (plain JSON). Evaluating it throws what the library throws. */
export type Expression = (fact: unknown) => unknown;

export type Compiled =
  | { readonly outcome: 'compiled'; readonly evaluate: Expression; readonly type: string }
  | { readonly outcome: 'broken'; readonly reason: string };

// Making an environment is dear, evaluating is not: one for the process. It is never changed after this line.
const environment = new Environment({
  enableOptionalTypes: true,
  homogeneousAggregateLiterals: false,
}).registerVariable('fact', 'dyn');

/**
 * Compiles CEL (github.com/google/cel-spec) with the optional syntax `a.?b.orValue(c)`; the only variable is `fact`.
 * A misspelt variable, function or operator is `broken` here, before any lab exists; a missing field shows when it is evaluated.
 */
export function compileExpression(source: string): Compiled {
  try {
    const parsed = environment.parse(source);
    const checked = parsed.check();
    if (!checked.valid) return { outcome: 'broken', reason: summaryOf(checked.error) };
    return { outcome: 'compiled', evaluate: (fact) => parsed({ fact }) as unknown, type: checked.type ?? 'dyn' };
  } catch (error) {
    return { outcome: 'broken', reason: summaryOf(error) };
  }
}

/** The library's message without its drawing of the source. */
export function summaryOf(error: unknown): string {
  if (error instanceof Error)
    return 'summary' in error && typeof error.summary === 'string' ? error.summary : error.message;
  return String(error);
}
