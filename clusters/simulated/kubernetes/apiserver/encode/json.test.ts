import { expect, test } from 'vitest';
import { deepFreeze, type KubeObject } from '../../object.ts';
import { itemsForSending, itemsText } from './json.ts';

const objects = (count: number, size = 1): KubeObject[] =>
  Array.from({ length: count }, (_, at) =>
    deepFreeze({
      kind: 'ConfigMap',
      apiVersion: 'v1',
      metadata: { name: `no-${at}` },
      data: { text: 'ü<&'.repeat(size) },
    }),
  );

test('a list that is asked for again goes out in the bytes of the first time', () => {
  const list = deepFreeze(objects(3));
  const first = itemsForSending(list, false);
  const again = itemsForSending(list, false);
  expect(first).toBe(itemsText(list, false));
  expect(again).toEqual(Buffer.from(itemsText(list, false)));
  expect(itemsForSending(list, false)).toBe(again);
});

test('of a list that may still change, or that is large, nothing is kept', () => {
  for (const list of [objects(3), deepFreeze(objects(3, 100_000))]) {
    for (let times = 0; times < 3; times++) expect(itemsForSending(list, false)).toBeTypeOf('string');
  }
});
