import { percentile } from './percentile.ts';

/** One line of `breachlab bench`. Further fields may follow the common ones. */
export interface BenchRow {
  readonly name: string;
  /** How many were measured. */
  readonly n: number;
  readonly p50: number;
  readonly p99: number;
  readonly unit: string;
  readonly [more: string]: string | number;
}

/** A row from raw values, rounded to what the clock can tell. */
export function rowOf(
  name: string,
  unit: string,
  values: readonly number[],
  more: Readonly<Record<string, string | number>> = {},
): BenchRow {
  return { name, n: values.length, p50: rounded(values, 50), p99: rounded(values, 99), unit, ...more };
}

/** A row of rates: `p99` is what 99 % of the rounds reach, the slow side, as with a time. */
export const rateRowOf = (name: string, unit: string, rates: readonly number[]): BenchRow => ({
  ...rowOf(name, unit, rates),
  p99: rounded(rates, 1),
});

const rounded = (values: readonly number[], percent: number): number =>
  Math.round(percentile(values, percent) * 1000) / 1000;
