import { internalValue } from './internal-values.ts';
import { unifiedDiff } from './unified-diff.ts';

/**
 * The difference of two values of a type as upstream prints it in a 422 (apimachinery/pkg/util/diff/cmp.go Diff): a unified diff of
 * their JSON in the internal version, indented by one blank.
 */
export const internalDiff = (before: unknown, after: unknown, type: string): string =>
  unifiedDiff(lines(internalValue(before, type)), lines(internalValue(after, type)));

const lines = (value: unknown): string[] => JSON.stringify(value, undefined, ' ').split('\n');
