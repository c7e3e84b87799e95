import { invalid, type Findings } from './field-errors.ts';
import { validateNonNegative } from './numbers.ts';

type Counts = Readonly<Record<string, unknown>>;

export interface StatusRules {
  /** Fields that may not be negative. */
  readonly counts: readonly string[];
  /** A field, the one it may not exceed, and how upstream calls that. */
  readonly most?: readonly (readonly [field: string, limit: string, words: string])[];
  /** A field that only grows. */
  readonly grows?: string;
}

const numberOf = (status: Counts, field: string): number | undefined =>
  typeof status[field] === 'number' ? status[field] : undefined;

/** A check of a `status` subresource made of counts, as most workloads have one. */
export const statusCheck =
  <T extends object>({ counts, most = [], grows }: StatusRules) =>
  (object: T, old: T, found: Findings): void => {
    const [status, before] = [statusOf(object), statusOf(old)];
    for (const field of counts) validateNonNegative(numberOf(status, field), `status.${field}`, found);
    for (const [field, limit, words] of most) {
      const value = numberOf(status, field) ?? 0;
      if (value > (numberOf(status, limit) ?? 0)) {
        found.push(invalid(`status.${field}`, value, `cannot be greater than ${words}`));
      }
    }
    if (grows === undefined) return;
    const [now, then] = [numberOf(status, grows), numberOf(before, grows)];
    if (then !== undefined && (now ?? -1) < then) {
      found.push(invalid(`status.${grows}`, now ?? 0, 'cannot be decremented'));
    }
  };

const statusOf = (object: object): Counts => (object as { status?: Counts }).status ?? {};
