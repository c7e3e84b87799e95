import { expect, it } from 'vitest';
import { patchedText } from './patched-text.ts';

const OBJECT = { kind: 'K', apiVersion: 'v1', spec: { z: [{ y: 1, x: 2 }], b: { d: 1, c: 2 }, a: 'n' } };

it.each([
  ['only the root', [], '{"apiVersion":"v1","kind":"K","spec":{"z":[{"y":1,"x":2}],"b":{"d":1,"c":2},"a":"n"}}'],
  [
    'the parents of a path',
    [{ op: 'replace', path: '/spec/a', value: 'n' }],
    '{"apiVersion":"v1","kind":"K","spec":{"a":"n","b":{"d":1,"c":2},"z":[{"y":1,"x":2}]}}',
  ],
  [
    'parents within a list',
    [{ op: 'add', path: '/spec/z/0/y', value: 1 }],
    '{"apiVersion":"v1","kind":"K","spec":{"a":"n","b":{"d":1,"c":2},"z":[{"x":2,"y":1}]}}',
  ],
  [
    'the objects that a merge names',
    { spec: { b: { d: 1 } } },
    '{"apiVersion":"v1","kind":"K","spec":{"a":"n","b":{"c":2,"d":1},"z":[{"y":1,"x":2}]}}',
  ],
])('orders what the patch looked into: %s', (_, patch, text) => {
  expect(patchedText(OBJECT, patch)).toBe(text);
});
