import type { Environment } from '@marcbachmann/cel-js';
import { spend, weightOf } from '../budget.ts';
import { declareNamespace } from '../namespace.ts';
import { optional } from '../optional.ts';

type Comparable = string | bigint | number;

const isSorted = (list: readonly Comparable[]): boolean =>
  list.every((value, at) => at === 0 || (list[at - 1] ?? value) <= value);

const extreme =
  (name: string, better: (a: Comparable, b: Comparable) => boolean) =>
  (list: readonly Comparable[]): Comparable => {
    const [first] = list;
    if (first === undefined) throw new Error(`${name} called on empty list`);
    return list.reduce((best, value) => (better(value, best) ? value : best), first);
  };

/** CEL's equality of lists, maps and numbers; pays for what it reads. */
export function equal(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) {
    return (
      (typeof a === 'bigint' || typeof a === 'number') && (typeof b === 'bigint' || typeof b === 'number') && a == b
    );
  }
  spend(Math.min(weightOf(a), weightOf(b)));
  return JSON.stringify(a, comparable) === JSON.stringify(b, comparable);
}

/** Numbers are equal across their types, and the order of a map's keys does not count. */
const comparable = (_key: string, value: unknown): unknown => {
  if (typeof value === 'bigint') return Number(value);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
};

function flatten(list: readonly unknown[], depth: number): unknown[] {
  if (depth < 0) throw new Error('level must be non-negative');
  return list.flatMap((item) => {
    spend(1);
    return Array.isArray(item) && depth > 0 ? flatten(item as unknown[], depth - 1) : [item];
  });
}

const sorted = (list: readonly Comparable[]): Comparable[] => {
  spend(list.length * 4);
  return [...list].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
};

function distinct(list: readonly unknown[]): unknown[] {
  const kept: unknown[] = [];
  for (const item of list) {
    spend(kept.length);
    if (!kept.some((known) => equal(known, item))) kept.push(item);
  }
  return kept;
}

function slice(list: readonly unknown[], from: bigint, to: bigint): unknown[] {
  const [start, end] = [Number(from), Number(to)];
  if (start < 0 || end < 0) throw new Error(`cannot slice(${start}, ${end}), negative indexes not supported`);
  if (start > end)
    throw new Error(`cannot slice(${start}, ${end}), start index must be less than or equal to end index`);
  if (end > list.length) throw new Error(`cannot slice(${start}, ${end}), list is length ${list.length}`);
  return list.slice(start, end);
}

/** Kubernetes' lists (apiserver/pkg/cel/library/lists.go), cel-go's lists (ext/lists.go) and sets (ext/sets.go). */
export function lists(environment: Environment): void {
  environment
    .registerFunction('list<dyn>.isSorted(): bool', isSorted)
    .registerFunction('list<dyn>.sum(): dyn', (list: readonly (bigint | number)[]) =>
      list.reduce<bigint | number>(
        (sum, value) => (typeof value === 'bigint' ? BigInt(sum) + value : Number(sum) + value),
        0n,
      ),
    )
    .registerFunction(
      'list<dyn>.min(): dyn',
      extreme('min', (a, b) => a < b),
    )
    .registerFunction(
      'list<dyn>.max(): dyn',
      extreme('max', (a, b) => a > b),
    )
    .registerFunction('list<dyn>.indexOf(dyn): int', (list: readonly unknown[], value: unknown) =>
      BigInt(list.findIndex((item) => equal(item, value))),
    )
    .registerFunction('list<dyn>.lastIndexOf(dyn): int', (list: readonly unknown[], value: unknown) =>
      BigInt(list.findLastIndex((item) => equal(item, value))),
    )
    .registerFunction('list<dyn>.distinct(): list<dyn>', distinct)
    .registerFunction('list<dyn>.flatten(): list<dyn>', (list: readonly unknown[]) => flatten(list, 1))
    .registerFunction('list<dyn>.flatten(int): list<dyn>', (list: readonly unknown[], depth: bigint) =>
      flatten(list, Number(depth)),
    )
    .registerFunction('list<dyn>.reverse(): list<dyn>', (list: readonly unknown[]) => [...list].reverse())
    .registerFunction('list<dyn>.sort(): list<dyn>', sorted)
    .registerFunction('list<dyn>.slice(int, int): list<dyn>', slice)
    .registerFunction('list<dyn>.first(): optional<dyn>', (list: readonly unknown[]) => optional(list[0]))
    .registerFunction('list<dyn>.last(): optional<dyn>', (list: readonly unknown[]) => optional(list.at(-1)));
  sets(environment);
}

function sets(environment: Environment): void {
  const has = (list: readonly unknown[], item: unknown): boolean => {
    spend(list.length);
    return list.some((one) => equal(one, item));
  };
  const contains = (list: readonly unknown[], all: readonly unknown[]): boolean => all.every((item) => has(list, item));
  const type = declareNamespace(environment, 'sets');
  environment
    .registerFunction(
      `${type}.contains(list<dyn>, list<dyn>): bool`,
      (_sets, a: readonly unknown[], b: readonly unknown[]) => contains(a, b),
    )
    .registerFunction(
      `${type}.equivalent(list<dyn>, list<dyn>): bool`,
      (_sets, a: readonly unknown[], b: readonly unknown[]) => contains(a, b) && contains(b, a),
    )
    .registerFunction(
      `${type}.intersects(list<dyn>, list<dyn>): bool`,
      (_sets, a: readonly unknown[], b: readonly unknown[]) => a.some((item) => has(b, item)),
    );
}
