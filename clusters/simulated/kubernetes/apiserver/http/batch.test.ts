import { expect, test } from 'vitest';
import { Batch } from './batch.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('what came in one turn goes on together and in order, and what comes meanwhile in the next', async () => {
  const batch = new Batch();
  const done: string[] = [];
  const go = (name: string) => (): void => {
    done.push(name);
    void Promise.resolve().then(() => done.push(`${name}, later`));
    if (name === 'a') batch.add(go('c'));
  };
  batch.add(go('a'));
  batch.add(go('b'));
  expect(done).toEqual([]);
  await turn();
  expect(done).toEqual(['a', 'b', 'a, later', 'b, later']);
  await turn();
  expect(done.slice(4)).toEqual(['c', 'c, later']);
});

test('what waits is forgotten once it is disposed', async () => {
  const batch = new Batch();
  const done: string[] = [];
  batch.add(() => done.push('a'));
  batch[Symbol.dispose]();
  await turn();
  expect(done).toEqual([]);
});
