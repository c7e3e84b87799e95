import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { KubeObject } from '../object.ts';
import type { StoreEvent } from './cluster.ts';
import { Shelf } from './shelf.ts';

const objectOf = (key: string): KubeObject => {
  const [namespace = '', name = ''] = key.split('/');
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace, name } };
};

const eventOf = (key: string, revision: number): StoreEvent => ({ type: 'ADDED', object: objectOf(key), revision });

function fail(error: unknown): never {
  throw error;
}

const key = fc.tuple(fc.constantFrom('a', 'a-b', 'b'), fc.integer({ min: 0, max: 40 })).map(([ns, n]) => `${ns}/${n}`);
const step = fc.oneof(
  { weight: 6, arbitrary: key.map((put) => ({ put })) },
  { weight: 2, arbitrary: key.map((remove) => ({ remove })) },
  { weight: 1, arbitrary: fc.constant({ list: true }) },
);

describe('the keys of a shelf', () => {
  test('are in order however objects came and went, and whenever somebody asked', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const shelf = new Shelf(0, fail);
        const wanted = new Set<string>();
        steps.forEach((one, index) => {
          if ('put' in one) {
            wanted.add(one.put);
            shelf.put(one.put, eventOf(one.put, index + 2));
          } else if ('remove' in one) {
            wanted.delete(one.remove);
            shelf.remove(one.remove, { ...eventOf(one.remove, index + 2), type: 'DELETED' });
          } else shelf.keys('');
        });
        const sorted = [...wanted].sort();
        expect(shelf.keys('')).toEqual(sorted);
        expect(shelf.keys('a/')).toEqual(sorted.filter((one) => one.startsWith('a/')));
        expect(shelf.list('b/').map(({ metadata }) => metadata.name)).toEqual(
          sorted.filter((one) => one.startsWith('b/')).map((one) => one.slice(2)),
        );
      }),
    );
  });

  test('are those of the snapshot once it is put back', () => {
    const shelf = new Shelf(0, fail);
    for (const one of ['b/2', 'b/1', 'a/1']) shelf.put(one, eventOf(one, 2));
    const before = shelf.freeze();
    for (let i = 0; i < 20; i++) shelf.put(`c/${i}`, eventOf(`c/${i}`, 3));
    shelf.thaw(before, () => 4);
    expect(shelf.keys('')).toEqual(['a/1', 'b/1', 'b/2']);
  });
});

describe('the list of a shelf', () => {
  const put = (shelf: Shelf, name: string, revision: number): void => shelf.put(name, eventOf(name, revision));

  test('is the same array until something changes, each part apart', () => {
    const shelf = new Shelf(0, fail);
    put(shelf, 'a/one', 1);
    put(shelf, 'b/two', 2);
    const list = shelf.list('a/');
    expect(shelf.list('a/')).toBe(list);
    expect(Object.isFrozen(list)).toBe(true);
    expect(shelf.list('').map(({ metadata }) => metadata.name)).toEqual(['one', 'two']);
    put(shelf, 'a/zwei', 3);
    expect(shelf.list('a/').map(({ metadata }) => metadata.name)).toEqual(['one', 'zwei']);
    shelf.remove('a/one', eventOf('a/one', 4));
    expect(shelf.list('a/').map(({ metadata }) => metadata.name)).toEqual(['zwei']);
  });

  test('is another one after a snapshot is put back, and where objects are kept otherwise', () => {
    const shelf = new Shelf(0, fail);
    put(shelf, 'a/one', 1);
    const before = shelf.freeze();
    put(shelf, 'a/two', 2);
    expect(shelf.list('')).toHaveLength(2);
    let revision = 2;
    shelf.thaw(before, () => ++revision);
    expect(shelf.list('').map(({ metadata }) => metadata.name)).toEqual(['one']);
    shelf.keepBy({
      keep: (_key, object) => object,
      recall: () => {
        throw new Error('no provider reads it');
      },
    });
    expect(() => shelf.list('')).toThrow('no provider reads it');
  });
});
