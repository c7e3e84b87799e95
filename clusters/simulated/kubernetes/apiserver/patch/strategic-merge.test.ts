// Longer than a sitting: it is tables of cases by directive, as upstream’s own test is.
import { describe, expect, it } from 'vitest';
import { plainField } from '../../model/plain-field.ts';
import { type FieldSchema, type Shape, schemaOf, type TypeSchema } from '../../model/schema.ts';
import { strategicMerge } from './strategic-merge.ts';

/** A type with every kind of field there is, as that of upstream's own cases (strategicpatch/patch_test.go MergeItem). */
function itemSchema(): TypeSchema {
  const fields: FieldSchema[] = [];
  const type: TypeSchema = {
    name: 'test.Item',
    fields,
    wire: [],
    atomic: false,
    field: (name) => fields.find((field) => field.name === name),
  };
  const text: Shape = { is: 'string' };
  const object: Shape = { is: 'object', type };
  const listOf = (of: Shape): Shape => ({ is: 'list', of, message: false }) as unknown as Shape;
  const add = (...field: Parameters<typeof plainField>) => fields.push(plainField(...field));
  add('name', text);
  add('value', text);
  add('keyed', listOf(object), { patchStrategy: ['merge'], patchMergeKey: 'name' });
  add('kept', listOf(object), { patchStrategy: ['merge', 'retainKeys'], patchMergeKey: 'name' });
  add('replaced', listOf(object));
  add('numbers', listOf({ is: 'int32' }), { patchStrategy: ['merge'] });
  add('replacedNumbers', listOf({ is: 'int32' }));
  add('one', object, { patchStrategy: ['retainKeys'] });
  add('swapped', object, { patchStrategy: ['replace'] });
  add('map', { is: 'map', of: text } as unknown as Shape);
  return type;
}

const schema = itemSchema();
const merged = (original: object, patch: object) =>
  strategicMerge(original as Record<string, unknown>, patch as Record<string, unknown>, schema);
const named = (...names: string[]) => names.map((name) => ({ name }));

describe('maps', () => {
  it.each([
    [
      'set, change and remove fields',
      { name: 'a', value: '1' },
      { value: null, map: { x: '1' } },
      { name: 'a', map: { x: '1' } },
    ],
    ['are replaced by directive', { name: 'a', value: '1' }, { $patch: 'replace', name: 'b' }, { name: 'b' }],
    ['are emptied by directive', { map: { x: '1' } }, { map: { $patch: 'delete' } }, { map: {} }],
    ['without an original lose nulls', {}, { one: { name: 'a', value: null } }, { one: { name: 'a' } }],
    [
      'without an original leave out what a directive would delete',
      {},
      { one: { $patch: 'delete' }, name: 'a' },
      { name: 'a' },
    ],
    [
      'keep what $retainKeys names',
      { one: { name: 'a', value: '1' } },
      { one: { $retainKeys: ['name', 'map'], map: { x: '1' } } },
      { one: { name: 'a', map: { x: '1' } } },
    ],
    ['merge without $retainKeys', { one: { name: 'a' } }, { one: { value: '1' } }, { one: { name: 'a', value: '1' } }],
    [
      'of strategy replace are taken whole',
      { swapped: { name: 'a' } },
      { swapped: { value: '1' } },
      { swapped: { value: '1' } },
    ],
    ['take the place of lists', { keyed: [{ name: 'a' }] }, { keyed: { name: 'b' } }, { keyed: { name: 'b' } }],
  ])('%s', (_title, original, patch, expected) => expect(merged(original, patch)).toEqual(expected));
});

describe('lists by key', () => {
  it.each([
    [
      'merge elements',
      [{ name: 'a', value: '1' }, { name: 'b' }],
      [{ name: 'a', map: { x: '1' } }],
      [{ name: 'a', value: '1', map: { x: '1' } }, { name: 'b' }],
    ],
    ['put new elements first', named('a', 'b'), named('c'), named('c', 'a', 'b')],
    ['follow the order of the patch', named('a', 'b', 'c'), named('c', 'a'), named('b', 'c', 'a')],
    [
      'lose every element of a deleted key',
      named('a', 'a', 'b', 'c', 'c'),
      [
        { name: 'a', $patch: 'delete' },
        { name: 'c', $patch: 'delete' },
      ],
      named('b'),
    ],
    [
      'are replaced by directive, other directives ignored',
      named('a'),
      [{ $patch: 'replace' }, { name: 'x', $patch: 'delete' }, { name: 'b' }],
      named('b'),
    ],
    ['are emptied by directive', named('a', 'b'), [{ $patch: 'replace' }], []],
    ['delete nothing from an empty list', [], [{ name: 'a', $patch: 'delete' }], []],
  ])('%s', (_title, original, patch, expected) =>
    expect(merged({ keyed: original }, { keyed: patch })).toEqual({ keyed: expected }),
  );

  it('keeps the retained keys of one element', () => {
    const original = { kept: [{ name: 'a', value: '1', map: { x: '1' } }, { name: 'b' }] };
    expect(merged(original, { kept: [{ $retainKeys: ['name', 'map'], name: 'a' }] })).toEqual({
      kept: [{ name: 'a', map: { x: '1' } }, { name: 'b' }],
    });
  });

  it('takes a list without strategy whole', () =>
    expect(merged({ replaced: named('a') }, { replaced: named('b') })).toEqual({ replaced: named('b') }));
});

describe('$setElementOrder', () => {
  it.each([
    ['puts elements in order', named('a', 'b', 'c'), named('c', 'b', 'a'), undefined, named('c', 'b', 'a')],
    [
      'weaves in what only the server has',
      named('x', 'a', 'y', 'b'),
      named('b', 'a'),
      undefined,
      named('x', 'y', 'b', 'a'),
    ],
    ['places new elements', named('a', 'b'), named('d', 'a', 'b', 'c'), named('d', 'c'), named('d', 'a', 'b', 'c')],
    ['may name what nobody has', named('a', 'c'), named('c', 'b', 'a'), named('c', 'a'), named('c', 'a')],
    ['orders a new list', undefined, named('b', 'a'), named('b', 'a'), named('b', 'a')],
    [
      'keeps other elements behind those before them',
      named('a', 'd'),
      named('b', 'c'),
      [...named('b', 'c'), { name: 'a', $patch: 'delete' }],
      named('b', 'c', 'd'),
    ],
  ])('%s', (_title, original, order, patch, expected) => {
    const live = original ? { keyed: original } : {};
    const sent = { '$setElementOrder/keyed': order, ...(patch ? { keyed: patch } : {}) };
    expect(merged(live, sent)).toEqual({ keyed: expected });
  });

  it('orders numbers, and deletes some beside', () => {
    const patch = { '$setElementOrder/numbers': [4, 1, 2], '$deleteFromPrimitiveList/numbers': [3], numbers: [4] };
    expect(merged({ numbers: [1, 2, 3] }, patch)).toEqual({ numbers: [4, 1, 2] });
  });
});

describe('lists of scalars', () => {
  it.each([
    ['hold each value once', { numbers: [1, 2] }, { numbers: [2, 3] }, { numbers: [1, 2, 3] }],
    ['follow the order of the patch', { numbers: [1, 2, 3] }, { numbers: [3, 1] }, { numbers: [2, 3, 1] }],
    [
      'lose values by directive',
      { numbers: [1, 3, 3] },
      { '$deleteFromPrimitiveList/numbers': [3, 9] },
      { numbers: [1] },
    ],
    [
      'lose them without a strategy as well',
      { replacedNumbers: [1, 2] },
      { '$deleteFromPrimitiveList/replacedNumbers': [2] },
      { replacedNumbers: [1] },
    ],
    ['are not made by deleting', { name: 'a' }, { '$deleteFromPrimitiveList/numbers': [3] }, { name: 'a' }],
  ])('%s', (_title, original, patch, expected) => expect(merged(original, patch)).toEqual(expected));
});

describe('a patch that cannot be applied', () => {
  it.each([
    [
      '$patch: merge',
      { name: 'a' },
      { $patch: 'merge', name: 'b' },
      500,
      'unknown patch type: merge in map: map[$patch:merge name:b]',
    ],
    [
      'a merge of lists',
      { keyed: named('a') },
      { keyed: [{ name: 'a', $patch: 'merge' }] },
      500,
      'merging lists cannot yet be specified in the patch',
    ],
    [
      'an unknown directive',
      { keyed: named('a') },
      { keyed: [{ name: 'a', $patch: 'x' }] },
      500,
      'unknown patch type: x in map: map[$patch:x name:a]',
    ],
    [
      'no merge key',
      { keyed: named('a') },
      { keyed: [{ value: '1' }] },
      500,
      'map: map[value:1] does not contain declared merge key: name',
    ],
    [
      'a deletion without merge key',
      { keyed: named('a') },
      { keyed: [{ $patch: 'delete' }] },
      500,
      'map: map[$patch:delete] does not contain declared merge key: name',
    ],
    [
      'mixed elements',
      { keyed: named('a') },
      { keyed: ['a'] },
      500,
      'list element types are not identical: [[map[name:a]] [a]]',
    ],
    [
      'lists of lists',
      { keyed: named('a') },
      { keyed: [[]] },
      422,
      'the server rejected our request due to an error in our request',
    ],
    [
      'another order',
      { keyed: named('a', 'b') },
      { '$setElementOrder/keyed': named('a', 'b'), keyed: named('b', 'a') },
      500,
      "The order in patch list:\n[map[name:b] map[name:a]]\n doesn't match $setElementOrder list:\n[map[name:a] map[name:b]]\n",
    ],
    [
      'an order that is none',
      { keyed: named('a') },
      { '$setElementOrder/keyed': 'a' },
      500,
      'expected a []interface {}, but received a string',
    ],
    ['an order without name', {}, { $setElementOrder: [] }, 400, 'invalid patch format of setElementOrder list'],
    [
      'an order of an unknown field',
      {},
      { '$setElementOrder/nothing': [] },
      500,
      'unable to find api field in struct Item for the json field "nothing"',
    ],
    ['a deletion without name', {}, { $deleteFromPrimitiveList: [] }, 400, 'invalid patch format of primitive list'],
    [
      '$retainKeys that is no list',
      { one: {} },
      { one: { $retainKeys: 'name' } },
      400,
      'invalid patch format of retainKeys',
    ],
    [
      '$retainKeys without what is set',
      { one: {} },
      { one: { $retainKeys: ['name'], value: '1' } },
      400,
      'invalid patch format of retainKeys',
    ],
  ])('says why: %s', (_title, original, patch, code, message) => {
    expect(() => merged(original, patch)).toThrow(expect.objectContaining({ code, message }));
  });
});

it('changes neither argument', () => {
  const original = { keyed: [{ name: 'a', map: { x: '1' } }], numbers: [1] };
  const patch = {
    keyed: [
      { name: 'a', map: { x: null } },
      { name: 'b', $patch: 'delete' },
    ],
    numbers: [2],
  };
  const [before, asked] = [structuredClone(original), structuredClone(patch)];
  merged(original, patch);
  expect([original, patch]).toEqual([before, asked]);
});

it('merges a hundred thousand elements in no more than their number of steps', () => {
  const many = (from: number) => Array.from({ length: 100_000 }, (_, i) => ({ name: `n${from + i}` }));
  expect(merged({ keyed: many(0) }, { keyed: many(50_000) })['keyed']).toHaveLength(150_000);
});

it('merges containers of a Pod by name, its tolerations not at all', () => {
  const pod = schemaOf('io.k8s.api.core.v1.Pod');
  const spec = { containers: [{ name: 'a', image: '1' }], tolerations: [{ key: 'x' }] };
  const patch = { containers: [{ name: 'b' }], tolerations: [{ key: 'y' }] };
  expect(strategicMerge({ spec }, { spec: patch }, pod)['spec']).toEqual({
    containers: [{ name: 'b' }, { name: 'a', image: '1' }],
    tolerations: [{ key: 'y' }],
  });
});
