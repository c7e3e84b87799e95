import { describe, expect, it } from 'vitest';
import type { ApiError } from '../../status.ts';
import { applyJsonOperations, JsonPatchError } from './json-operations.ts';
import { jsonPatch, unknownOperationFields } from './json-patch.ts';
import { mergePatch } from './merge-patch.ts';

const DOCUMENT = { data: { a: '1', 'x/y~z': '2' }, list: ['p', 'q'], nothing: null };

describe('operations', () => {
  it.each([
    ['add to a map', { op: 'add', path: '/data/b', value: '3' }, { data: { ...DOCUMENT.data, b: '3' } }],
    ['add over what is there', { op: 'add', path: '/data/a', value: [1] }, { data: { ...DOCUMENT.data, a: [1] } }],
    ['insert into a list', { op: 'add', path: '/list/1', value: 'n' }, { list: ['p', 'n', 'q'] }],
    ['append to a list', { op: 'add', path: '/list/-', value: 'n' }, { list: ['p', 'q', 'n'] }],
    ['count from the end', { op: 'remove', path: '/list/-1' }, { list: ['p'] }],
    ['read escapes', { op: 'replace', path: '/data/x~1y~0z', value: 'n' }, { data: { a: '1', 'x/y~z': 'n' } }],
    ['move', { op: 'move', from: '/list/0', path: '/list/1' }, { list: ['q', 'p'] }],
    ['copy', { op: 'copy', from: '/list', path: '/data' }, { data: ['p', 'q'] }],
    ['take what is missing for null', { op: 'test', path: '/data/none', value: null }, {}],
    ['test whole values', { op: 'test', path: '/list', value: ['p', 'q'] }, {}],
  ])('%s', (_title, operation, changed) => {
    expect(applyJsonOperations(DOCUMENT, [operation])).toEqual({ ...DOCUMENT, ...changed });
  });

  it.each([
    [
      { op: 'add', path: '/none/b', value: 1 },
      'add operation does not apply: doc is missing path: "/none/b": missing value',
    ],
    [
      { op: 'add', path: '/list/3', value: 1 },
      "error in add for path: '/list/3': Unable to access invalid index: 3: invalid index referenced",
    ],
    [
      { op: 'remove', path: '/data/none' },
      "error in remove for path: '/data/none': Unable to remove nonexistent key: none: missing value",
    ],
    [
      { op: 'replace', path: '/data/none', value: 1 },
      'replace operation does not apply: doc is missing key: /data/none: missing value',
    ],
    [{ op: 'test', path: '/data/a', value: '2' }, 'testing value /data/a failed: test failed'],
    [
      { op: 'move', from: '/none', path: '/data' },
      'move operation does not apply: doc is missing from path: /none: missing value',
    ],
    [{ op: 'frob', path: '/data' }, 'Unexpected kind: frob'],
    [
      { op: 'add', path: '/data/__proto__/x', value: 1 },
      'add operation does not apply: doc is missing path: "/data/__proto__/x": missing value',
    ],
    [
      { op: 'add', path: '/__proto__', value: 1 },
      'add operation does not apply: doc is missing path: "/__proto__": missing value',
    ],
  ])('say why they do not apply: %j', (operation, message) => {
    expect(() => applyJsonOperations(DOCUMENT, [operation])).toThrow(new JsonPatchError(message));
  });

  it('cannot grow a document by copying it into itself', () => {
    const operations = Array.from({ length: 40 }, (_, i) => ({ op: 'copy', from: '', path: `/data/${i}` }));
    const doubling = operations.map((operation) => ({ ...operation, from: '/data' }));
    expect(() => applyJsonOperations(DOCUMENT, doubling)).toThrow('exceeding the limit 3145728');
  });

  it('leave the document and the patch alone', () => {
    const patch = [
      { op: 'add', path: '/made', value: { deep: [] } },
      { op: 'add', path: '/made/deep/-', value: 1 },
    ];
    const before = structuredClone([DOCUMENT, patch]);
    applyJsonOperations(DOCUMENT, patch);
    expect([DOCUMENT, patch]).toEqual(before);
  });
});

it.each([
  [{}, 400, 'error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp'],
  [['add'], 400, 'error decoding patch: json: cannot unmarshal string into Go value of type handlers.jsonPatchOp'],
  [
    [{ op: 5 }],
    400,
    'error decoding patch: json: cannot unmarshal number into Go struct field jsonPatchOp.op of type string',
  ],
  [[{ op: 'remove' }], 422, 'the server rejected our request due to an error in our request'],
  [[{ op: 'add', path: null, value: 1 }], 422, 'the server rejected our request due to an error in our request'],
  [[{ op: 'copy', path: '/a', from: null }], 422, 'the server rejected our request due to an error in our request'],
  [
    Array.from({ length: 10_001 }, () => ({ op: 'test', path: '' })),
    413,
    'Request entity too large: The allowed maximum operations in a JSON patch is 10000, got 10001',
  ],
])('a body that is no applicable patch is refused: %j', (operations, code, message) => {
  expect(() => jsonPatch({}, operations)).toThrow(expect.objectContaining({ code, message }) as ApiError);
});

it('tells of fields that no operation has', () =>
  expect(
    unknownOperationFields([
      { op: 'test', path: '/a' },
      { op: 'test', why: 1 },
    ]),
  ).toEqual(['unknown field "[1].why"']));

it.each([
  [{ a: { b: 1, c: 2 } }, { a: { b: null, d: 3 } }, { a: { c: 2, d: 3 } }],
  [{ a: 1 }, { a: { b: null, c: 2 } }, { a: { c: 2 } }],
  [{}, { a: [{ b: null, c: 1 }, null] }, { a: [{ c: 1 }, null] }],
  [{ a: [{ b: 1 }] }, { a: [{ c: 1 }] }, { a: [{ c: 1 }] }],
  [{ a: { b: 1 } }, { a: [{ c: null }] }, { a: [{ c: null }] }],
])('a merge patch turns %j by %j into %j', (original, patch, expected) =>
  expect(mergePatch(original, patch)).toEqual(expected),
);
