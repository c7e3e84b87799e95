import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  addQuantities,
  canonicalQuantity,
  compareQuantities,
  formatQuantity,
  parseQuantity,
  quantityMilliValue,
  quantityValue,
} from './quantity.ts';

// The same cases every time: a test that fails now and then tells nobody why.
fc.configureGlobal({ seed: 20_261_123 });

describe('canonical form', () => {
  // Upstream's quantity_test.go and the documentation of Quantity.
  test.each([
    ['0', '0'],
    ['0m', '0'],
    ['1000m', '1'],
    ['0.5', '500m'],
    ['1.5', '1500m'],
    ['1.5Gi', '1536Mi'],
    ['1024Mi', '1Gi'],
    ['1025Mi', '1025Mi'],
    ['0.1Ki', '102400m'],
    ['0.5Mi', '512Ki'],
    ['1000Ki', '1000Ki'],
    ['1e3', '1e3'],
    ['10000', '10k'],
    ['100000000', '100M'],
    ['-1000m', '-1'],
    ['1n', '1n'],
    ['0.1n', '1n'],
    ['12345678', '12345678'],
    ['100e6', '100e6'],
    ['1.500', '1.500'],
    ['9223372036854775808', '9223372036854775807'],
  ])('%s becomes %s', (text, canonical) => {
    expect(canonicalQuantity(text)).toBe(canonical);
  });

  test('is a fixed point', () => {
    const suffix = fc.constantFrom('', 'm', 'k', 'M', 'Ki', 'Mi', 'Gi', 'e3', 'n', 'u');
    fc.assert(
      fc.property(fc.nat(100_000), fc.nat(999), suffix, (number, fraction, unit) => {
        const once = formatQuantity({ ...parseQuantity(`${number}.${fraction}${unit}`) });
        // A binary quantity that no suffix fits is written plain, and read again it is a decimal one, as upstream.
        const twice = canonicalQuantity(once);
        expect(canonicalQuantity(twice)).toBe(twice);
        // A binary quantity with a fraction of a byte is rounded up.
        const error = quantityValue(parseQuantity(once)) - quantityValue(parseQuantity(`${number}.${fraction}${unit}`));
        expect(error).toBe(0);
      }),
    );
  });
});

test.each([
  ['', /^quantities must match/],
  ['abc', /^quantities must match/],
  ['1.2.3', /^quantities must match/],
  ['1Kii', /^unable to parse quantity's suffix$/],
  ['1e', /^unable to parse quantity's suffix$/],
  ['1mm', /^unable to parse quantity's suffix$/],
])('refuses %j', (text, message) => {
  expect(() => parseQuantity(text)).toThrow(message);
});

test('adds and compares across suffixes', () => {
  expect(formatQuantity(addQuantities(parseQuantity('500m'), parseQuantity('1')))).toBe('1500m');
  expect(formatQuantity(addQuantities(parseQuantity('0'), parseQuantity('64Mi')))).toBe('64Mi');
  expect(formatQuantity(addQuantities(parseQuantity('512Mi'), parseQuantity('512Mi')))).toBe('1Gi');
  expect(compareQuantities(parseQuantity('1Gi'), parseQuantity('1G'))).toBe(1);
  expect(compareQuantities(parseQuantity('1'), parseQuantity('1000m'))).toBe(0);
});

test('values are rounded up', () => {
  expect(quantityValue(parseQuantity('100m'))).toBe(1);
  expect(quantityValue(parseQuantity('1Ki'))).toBe(1024);
  expect(quantityMilliValue(parseQuantity('1.5'))).toBe(1500);
  expect(quantityMilliValue(parseQuantity('100u'))).toBe(1);
});
