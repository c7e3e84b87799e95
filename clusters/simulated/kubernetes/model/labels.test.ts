import { describe, expect, test } from 'vitest';
import {
  formatSelector,
  matchesLabelSelector,
  matchesNodeExpression,
  matchesSelector,
  parseSelector,
  selectorRequirements,
} from './labels.ts';

describe('selectors match as upstream', () => {
  test.each([
    ['', { a: 'b' }, true],
    ['app=web', { app: 'web' }, true],
    ['app==web', { app: 'api' }, false],
    ['app!=web', {}, true],
    ['app in (web, api)', { app: 'api' }, true],
    ['app notin (web)', { app: 'web' }, false],
    ['app', { app: '' }, true],
    ['!app', { app: '' }, false],
    ['n>5', { n: '6' }, true],
    ['n<5', { n: 'x' }, false],
    ['app=', { app: '' }, true],
    ['app in (),b', { app: '', b: '1' }, true],
    ['app=web,tier', { app: 'web' }, false],
    ['in in (in)', { in: 'in' }, true],
  ] as const)('%s on %j: %s', (selector, labels, expected) => {
    expect(matchesSelector(parseSelector(selector), labels)).toBe(expected);
  });
});

test.each([
  ['a=b=c', "found '=', expected: ',' or 'end of string'"],
  ['tier in web', "unable to parse requirement: found 'web' expected: '('"],
  ['a=b,', "found '', expected: identifier after ','"],
  [',a', "found ',', expected: !, identifier, or 'end of string'"],
  ['a b', "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"],
  ['a in (b', "unable to parse requirement: found '', expected: ',' or ')'"],
  [
    'a>b',
    "unable to parse requirement: values[0]: Invalid value: \"b\": for 'Gt', 'Lt' operators, the value must be an integer",
  ],
  ['!', "unable to parse requirement: found '', expected: identifier"],
])('%j is refused', (selector, message) => {
  expect(() => parseSelector(selector)).toThrow(message);
});

test('a key and a value that are no labels are refused by name', () => {
  expect(() => parseSelector('@=b')).toThrow(
    /^unable to parse requirement: <nil>: Invalid value: "@": name part must consist/,
  );
  expect(() => parseSelector('a=-b')).toThrow(
    /^unable to parse requirement: values\[0\]\[a\]: Invalid value: "-b": a valid label must be/,
  );
});

test('label selectors of objects: empty matches all, missing none, unknown operators none', () => {
  expect(matchesLabelSelector({}, { a: 'b' })).toBe(true);
  expect(matchesLabelSelector(undefined, { a: 'b' })).toBe(false);
  expect(matchesLabelSelector({ matchExpressions: [{ key: 'a', operator: 'Near' }] }, { a: 'b' })).toBe(false);
  expect(
    matchesLabelSelector(
      { matchLabels: { a: 'b' }, matchExpressions: [{ key: 'c', operator: 'DoesNotExist' }] },
      { a: 'b' },
    ),
  ).toBe(true);
});

test.each([
  ['10', true],
  ['9', false],
  ['9.5', false],
  ['many', false],
  [undefined, false],
])('a node whose label is %s is one of more than 9 cores: %s', (cores, expected) => {
  const labels: Record<string, string> = cores === undefined ? {} : { cores };
  expect(matchesNodeExpression({ key: 'cores', operator: 'Gt', values: ['9'] }, labels)).toBe(expected);
});

test('selectors are written sorted by key', () => {
  const selector = { matchLabels: { b: '1' }, matchExpressions: [{ key: 'a', operator: 'In', values: ['y', 'x'] }] };
  expect(formatSelector(selectorRequirements(selector))).toBe('a in (x,y),b=1');
});
