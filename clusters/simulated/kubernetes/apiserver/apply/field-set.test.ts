import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  decodeSet,
  difference,
  emptySet,
  encodeSet,
  has,
  insert,
  intersection,
  isEmpty,
  paths,
  sameSet,
  union,
  type FieldSet,
} from './field-set.ts';

const path = fc.array(fc.constantFrom('f:a', 'f:b', 'k:{"name":"x"}', 'v:1'), { minLength: 1, maxLength: 3 });
const someSet = fc.array(path, { maxLength: 8 }).map(setOf);

function setOf(members: readonly (readonly string[])[]): FieldSet {
  const set = emptySet();
  for (const member of members) insert(set, member);
  return set;
}

const membersOf = (set: FieldSet): string[] => [...paths(set)].map((one) => one.join(' '));
const inBoth = (a: FieldSet, b: FieldSet): string[] => membersOf(a).filter((one) => membersOf(b).includes(one));

describe('sets of field paths', () => {
  test('are united, subtracted and intersected member by member', () => {
    fc.assert(
      fc.property(someSet, someSet, (a, b) => {
        expect(new Set(membersOf(union(a, b)))).toEqual(new Set([...membersOf(a), ...membersOf(b)]));
        expect(membersOf(difference(a, b))).toEqual(membersOf(a).filter((one) => !membersOf(b).includes(one)));
        expect(membersOf(intersection(a, b))).toEqual(inBoth(a, b));
      }),
    );
  });

  test('leave what they were made of as it was', () => {
    fc.assert(
      fc.property(someSet, someSet, (a, b) => {
        const before = [membersOf(a), membersOf(b)];
        union(a, b);
        difference(a, b);
        intersection(a, b);
        expect([membersOf(a), membersOf(b)]).toEqual(before);
      }),
    );
  });

  test('stay the very set when nothing is added or taken, so that it is written once', () => {
    fc.assert(
      fc.property(someSet, someSet, (a, b) => {
        const sum = union(a, b);
        expect(union(sum, b)).toBe(sum);
        const rest = difference(a, b);
        expect(difference(rest, b)).toBe(rest);
        expect(encodeSet(sum)).toBe(encodeSet(sum));
      }),
    );
  });

  test('know when they are the same or empty', () => {
    fc.assert(
      fc.property(someSet, someSet, (a, b) => {
        expect(sameSet(a, b)).toBe(membersOf(a).join() === membersOf(b).join());
        expect(isEmpty(difference(a, a))).toBe(true);
        for (const member of paths(a)) expect(has(a, member)).toBe(true);
      }),
    );
  });

  test('come back from FieldsV1 as they were', () => {
    fc.assert(
      fc.property(someSet, (set) => {
        const read = decodeSet(JSON.parse(JSON.stringify(encodeSet(set))) as Record<string, unknown>);
        expect(membersOf(read).filter((one) => one !== '')).toEqual(membersOf(set));
      }),
    );
  });

  test.each([{ 'x:a': {} }, { 'f:a': 1 }, { 'f:a': null }, { a: {} }])('refuse %j', (fields) => {
    expect(() => decodeSet(fields)).toThrow(/no field path/);
  });
});
