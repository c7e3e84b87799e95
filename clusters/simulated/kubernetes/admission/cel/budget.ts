/**
 * What evaluating expressions may cost, in the units of upstream's cost model: about one a node that is evaluated, a tenth a character
 * of the texts that functions read or make (apiserver/pkg/apis/cel/config.go). Evaluation is synchronous, so one counter serves.
 */

/** Of one expression (PerCallLimit). */
export const MOST_PER_EXPRESSION = 1_000_000;
/** Of all the expressions of one policy or rule set for one request; upstream allows 10,000,000, which would hold a shared process for seconds. */
export const MOST_PER_REQUEST = 2_000_000;
const TEXT_UNIT = 0.1;

let left = Number.POSITIVE_INFINITY;

export class CostExceeded extends Error {
  constructor() {
    super('operation cancelled: actual cost limit exceeded');
  }
}
// Thrown for each element of a list that is still walked after the end: it must cost nothing to make.
const exceeded = new CostExceeded();
exceeded.stack = '';

/** Takes from what is left; throws `CostExceeded` when nothing is. */
export function spend(cost: number): void {
  left -= cost;
  if (left < 0) throw exceeded;
}

/** Runs with at most so much, and never more than the caller has left. Throws even when the expression swallowed the refusal (`x || true` does). */
export function within<T>(limit: number, work: () => T): T {
  const outer = left;
  const own = Math.min(limit, outer);
  left = own;
  try {
    const result = work();
    if (left < 0) throw exceeded;
    return result;
  } finally {
    left = outer - (own - left);
  }
}

/** What it costs to read a value to its end. Objects of the API are frozen and weighed once. */
export function weightOf(value: unknown): number {
  if (typeof value === 'string') return value.length * TEXT_UNIT;
  if (typeof value !== 'object' || value === null) return 0;
  const known = weights.get(value);
  if (known !== undefined) return known;
  const parts = Array.isArray(value) ? value : value instanceof Map ? [...value.values()] : plainValues(value);
  let weight = parts.length;
  for (const part of parts) weight += weightOf(part);
  weights.set(value, weight);
  return weight;
}
const weights = new WeakMap<object, number>();

/** Values of plain objects only: `variables` has getters that evaluate, and other classes are small. */
const plainValues = (value: object): readonly unknown[] =>
  Object.getPrototypeOf(value) === Object.prototype
    ? Object.values(Object.getOwnPropertyDescriptors(value)).flatMap((field) => ('value' in field ? [field.value] : []))
    : [];
