/**
 * resource.Quantity (apimachinery/pkg/api/resource/quantity.go, suffix.go): exact decimal numbers with SI or binary suffixes.
 */
export interface Quantity {
  /** The number is `unscaled × 10^scale`. */
  readonly unscaled: bigint;
  readonly scale: number;
  readonly format: 'DecimalSI' | 'BinarySI' | 'DecimalExponent';
  /** The text it was read from where upstream keeps it instead of the canonical form. */
  readonly text?: string;
}

export class QuantityError extends Error {
  override readonly name = 'QuantityError';
}

const formatWrong = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
const suffixWrong = "unable to parse quantity's suffix";

const decimal: Readonly<Record<string, number>> = { n: -9, u: -6, m: -3, '': 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 };
const binary: Readonly<Record<string, number>> = { Ki: 10, Mi: 20, Gi: 30, Ti: 40, Pi: 50, Ei: 60 };
const decimalSuffix = new Map(Object.entries(decimal).map(([suffix, exponent]) => [exponent, suffix]));
const binarySuffix = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];

const nano = -9;
const largest = 2n ** 63n - 1n;
const shape = /^([+-]?)0*([0-9]*)(?:\.([0-9]*))?([eEinumkKMGTP]*[-+]?[0-9]*)$/;

/**
 * Reads a quantity as it stands in JSON or YAML: `100m`, `1.5Gi`, `1e3`, `2`. More than nine decimals are rounded up, more than 2^63-1 is
 * cut to that. Throws QuantityError with upstream's text.
 */
export function parseQuantity(text: string): Quantity {
  const parts = text === '' ? null : shape.exec(text);
  if (parts === null) throw new QuantityError(formatWrong);
  const [, sign = '', digits = '', fraction = '', suffix = ''] = parts;
  const { format, base, exponent } = interpretSuffix(suffix);
  const number = digits === '' ? '0' : digits;
  const shifted = number + fraction;
  const power = base === 10 ? exponent : 0;
  let unscaled = BigInt(shifted) * (base === 2 ? 1n << BigInt(exponent) : 1n);
  let scale = power - fraction.length;
  if (scale < nano) {
    const divisor = 10n ** BigInt(nano - scale);
    unscaled = (unscaled + divisor - 1n) / divisor; // away from zero: the sign is applied below
    scale = nano;
  }
  if (whole({ unscaled, scale }) > largest) [unscaled, scale] = [largest, 0];
  const fractional = format === 'BinarySI' && unscaled > 0n && whole({ unscaled, scale }) < 1n;
  return {
    unscaled: sign === '-' ? -unscaled : unscaled,
    scale,
    format: fractional ? 'DecimalSI' : format,
    ...(keepsText(format, exponent, number, fraction, shifted) ? { text } : {}),
  };
}

/** Upstream keeps the text as it is when a cheap look finds it canonical, which lets `1.500` and `+1` pass. */
function keepsText(format: Quantity['format'], exponent: number, number: string, fraction: string, shifted: string) {
  if (shifted === '0') return number + fraction === '0' && format === 'DecimalSI' && exponent === 0;
  if (format === 'BinarySI') {
    const room = 15 - number.length - Math.trunc((exponent * 3) / 10) - 1;
    return fraction === '' && room >= 0 && exponent % 10 === 0 && BigInt(shifted) % 8n !== 0n;
  }
  const scale = exponent - fraction.length;
  const room = 18 - shifted.length;
  return room >= 0 && scale >= nano && scale % 3 === 0 && !shifted.endsWith('000') && !shifted.startsWith('0');
}

function interpretSuffix(suffix: string): { format: Quantity['format']; base: 2 | 10; exponent: number } {
  const two = binary[suffix];
  if (two !== undefined) return { format: 'BinarySI', base: 2, exponent: two };
  const ten = decimal[suffix];
  if (ten !== undefined) return { format: 'DecimalSI', base: 10, exponent: ten };
  if (/^[eE][-+]?[0-9]{1,3}$/.test(suffix))
    return { format: 'DecimalExponent', base: 10, exponent: Number(suffix.slice(1)) };
  throw new QuantityError(suffixWrong);
}

/** The integer part, rounded up away from zero. */
function whole({ unscaled, scale }: Pick<Quantity, 'unscaled' | 'scale'>): bigint {
  if (scale >= 0) return unscaled * 10n ** BigInt(Math.min(scale, 100));
  const divisor = 10n ** BigInt(-scale);
  const quotient = unscaled / divisor;
  const rest = unscaled % divisor;
  return rest === 0n ? quotient : quotient + (unscaled < 0n ? -1n : 1n);
}

/** The canonical text: no fraction, the largest suffix that loses nothing (`1000m` is `1`, `1.5Gi` is `1536Mi`). */
export function formatQuantity(quantity: Quantity): string {
  if (quantity.text !== undefined) return quantity.text;
  if (quantity.unscaled === 0n) return '0';
  const size = magnitude(quantity);
  if (quantity.format === 'BinarySI' && size >= 1024n) {
    let number = whole(quantity);
    let step = 0;
    while (number % 1024n === 0n && step < 6) {
      number /= 1024n;
      step++;
    }
    return `${number}${binarySuffix[step]}`;
  }
  let { unscaled, scale } = quantity;
  while (unscaled % 10n === 0n) {
    unscaled /= 10n;
    scale++;
  }
  while (scale % 3 !== 0) {
    unscaled *= 10n;
    scale--;
  }
  if (quantity.format === 'DecimalExponent') return scale === 0 ? `${unscaled}` : `${unscaled}e${scale}`;
  while (scale > 18) {
    unscaled *= 1000n;
    scale -= 3;
  }
  return `${unscaled}${decimalSuffix.get(scale) ?? ''}`;
}

const magnitude = (quantity: Quantity): bigint => {
  const size = whole(quantity);
  return size < 0n ? -size : size;
};

/** The canonical text of a text; throws QuantityError. Most are canonical already, so plain numbers with a usual suffix pass at once. */
export function canonicalQuantity(text: string): string {
  return /^[1-9][0-9]{0,2}(m|k|M|G)?$/.test(text) ? text : formatQuantity(parseQuantity(text));
}

/** Negative, zero or positive as `a` is less than, equal to or greater than `b`. */
export function compareQuantities(a: Quantity, b: Quantity): number {
  const difference = addQuantities(a, { ...b, unscaled: -b.unscaled }).unscaled;
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** The sum, in the format of `a` (of `b` where `a` is zero, as upstream does). */
export function addQuantities(a: Quantity, b: Quantity): Quantity {
  const scale = Math.min(a.scale, b.scale);
  const at = (q: Quantity): bigint => q.unscaled * 10n ** BigInt(q.scale - scale);
  return { unscaled: at(a) + at(b), scale, format: a.unscaled === 0n ? b.format : a.format };
}

/** `a - b`, in the format of `a` (of `b` where `a` is zero). */
export const subtractQuantities = (a: Quantity, b: Quantity): Quantity =>
  addQuantities(a, { unscaled: -b.unscaled, scale: b.scale, format: b.format });

/** The value in whole units, rounded up (`Value()`): bytes, or processors. */
export const quantityValue = (quantity: Quantity): number => Number(whole(quantity));

/** The value in thousandths, rounded up (`MilliValue()`). */
export const quantityMilliValue = (quantity: Quantity): number =>
  Number(whole({ unscaled: quantity.unscaled, scale: quantity.scale + 3 }));
