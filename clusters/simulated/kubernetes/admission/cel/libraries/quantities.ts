import type { Environment } from '@marcbachmann/cel-js';
import {
  addQuantities,
  compareQuantities,
  parseQuantity,
  quantityValue,
  subtractQuantities,
  type Quantity,
} from '../../../model/quantity.ts';

/** A quantity inside an expression. */
class CelQuantity {
  readonly quantity: Quantity;
  constructor(quantity: Quantity) {
    this.quantity = quantity;
  }
}

function holds(attempt: () => unknown): boolean {
  try {
    attempt();
    return true;
  } catch {
    return false;
  }
}

const compare = (a: CelQuantity, b: CelQuantity): number => compareQuantities(a.quantity, b.quantity);
const whole = (value: bigint): Quantity => parseQuantity(String(value));
const isWhole = ({ quantity }: CelQuantity): boolean =>
  quantity.scale >= 0 || quantity.unscaled % 10n ** BigInt(-quantity.scale) === 0n;

/** apiserver/pkg/cel/library/quantity.go */
export function quantities(environment: Environment): void {
  environment
    .registerType('kubernetes.Quantity', { ctor: CelQuantity, fields: {} })
    .registerFunction('isQuantity(string): bool', (text: string) => holds(() => parseQuantity(text)))
    .registerFunction('quantity(string): kubernetes.Quantity', (text: string) => new CelQuantity(parseQuantity(text)))
    .registerFunction(
      'kubernetes.Quantity.isGreaterThan(kubernetes.Quantity): bool',
      (a: CelQuantity, b: CelQuantity) => compare(a, b) > 0,
    )
    .registerFunction(
      'kubernetes.Quantity.isLessThan(kubernetes.Quantity): bool',
      (a: CelQuantity, b: CelQuantity) => compare(a, b) < 0,
    )
    .registerFunction('kubernetes.Quantity.compareTo(kubernetes.Quantity): int', (a: CelQuantity, b: CelQuantity) =>
      BigInt(compare(a, b)),
    )
    .registerOperator(
      'kubernetes.Quantity == kubernetes.Quantity',
      (a: CelQuantity, b: CelQuantity) => compare(a, b) === 0,
    )
    .registerFunction('kubernetes.Quantity.sign(): int', ({ quantity }: CelQuantity) =>
      BigInt(quantity.unscaled > 0n ? 1 : quantity.unscaled < 0n ? -1 : 0),
    )
    .registerFunction('kubernetes.Quantity.isInteger(): bool', isWhole)
    .registerFunction('kubernetes.Quantity.asInteger(): int', (value: CelQuantity) => {
      if (!isWhole(value)) throw new Error('cannot convert value to integer');
      return BigInt(quantityValue(value.quantity));
    })
    .registerFunction(
      'kubernetes.Quantity.asApproximateFloat(): double',
      ({ quantity }: CelQuantity) => Number(quantity.unscaled) * 10 ** quantity.scale,
    );
  for (const [name, combine] of [
    ['add', addQuantities],
    ['sub', subtractQuantities],
  ] as const) {
    environment
      .registerFunction(
        `kubernetes.Quantity.${name}(kubernetes.Quantity): kubernetes.Quantity`,
        (a: CelQuantity, b: CelQuantity) => new CelQuantity(combine(a.quantity, b.quantity)),
      )
      .registerFunction(
        `kubernetes.Quantity.${name}(int): kubernetes.Quantity`,
        (a: CelQuantity, b: bigint) => new CelQuantity(combine(a.quantity, whole(b))),
      );
  }
}
