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
  const rounded = (percent: number): number => Math.round(percentile(values, percent) * 1000) / 1000;
  return { name, n: values.length, p50: rounded(50), p99: rounded(99), unit, ...more };
}
