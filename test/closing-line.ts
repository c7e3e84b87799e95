import type { Reporter, TestModule, TestState } from 'vitest/node';

export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/**
 * Counts the tests of a run. What broke outside a test (a file that does not load, a rejected promise nobody awaits) is a failure of
 * its own; what was not run is skipped.
 */
export function countTests(
  modules: readonly { readonly states: readonly TestState[]; readonly broken: boolean }[],
  unhandledErrors: number,
): Counts {
  const states = modules.flatMap((module) => module.states);
  const count = (state: TestState): number => states.filter((one) => one === state).length;
  const broken = modules.filter((module) => module.broken && !module.states.includes('failed')).length;
  return {
    passed: count('passed'),
    failed: count('failed') + broken + unhandledErrors,
    skipped: count('skipped') + count('pending'),
  };
}

export const closingLine = ({ passed, failed, skipped }: Counts): string =>
  `${passed} passed, ${failed} failed, ${skipped} skipped`;

/** Ends vitest's output with a plain line that CI can read whatever runs the tests: `N passed, N failed, N skipped`. */
export class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const counted = modules.map((module) => ({
      states: [...module.children.allTests()].map((test) => test.result().state),
      broken: !module.ok(),
    }));
    process.stdout.write(`\n${closingLine(countTests(counted, unhandledErrors.length))}\n`);
  }
}
