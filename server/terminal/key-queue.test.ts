import { expect, test } from 'vitest';
import { KeyBudget, KeyQueue } from './key-queue.ts';

const MEGABYTE = 1024 * 1024;

/** A queue into a shell that takes nothing until `gate` opens. */
function blockedQueue(budget = new KeyBudget()) {
  const written: string[] = [];
  const lost: unknown[] = [];
  const gate = Promise.withResolvers<void>();
  const keys = new KeyQueue({
    async write(bytes) {
      written.push(Buffer.from(bytes.subarray(0, 10)).toString());
      await gate.promise;
    },
    onTaken: () => {},
    onLost: (cause) => lost.push(cause),
    budget,
  });
  return { keys, written, lost, gate, budget };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('keys are written one after the other, in order', async () => {
  const { keys, written, gate } = blockedQueue();
  for (const key of ['a', 'b', 'c']) keys.push(Buffer.from(key));
  expect(written).toEqual(['a']);
  expect(keys.bytes).toBe(3);
  gate.resolve();
  await settled();
  expect(written).toEqual(['a', 'b', 'c']);
  expect(keys.bytes).toBe(0);
});

test('past 16 MB all that waits is dropped and later keys are taken again', async () => {
  const { keys, written, gate, budget } = blockedQueue();
  keys.push(Buffer.from('first'));
  expect(keys.push(Buffer.alloc(16 * MEGABYTE - 5))).toBe(true);
  expect(keys.push(Buffer.from('x'))).toBe(false);
  expect(keys.bytes).toBe(5);
  expect(keys.push(Buffer.from('later'))).toBe(true);
  gate.resolve();
  await settled();
  expect(written).toEqual(['first', 'later']);
  expect(budget.bytes).toBe(0);
});

test('all queues of a server share 128 MB, which a closed queue gives back', () => {
  const budget = new KeyBudget();
  const full = Array.from({ length: 8 }, () => blockedQueue(budget));
  for (const { keys } of full) expect(keys.push(Buffer.alloc(16 * MEGABYTE))).toBe(true);
  const { keys } = blockedQueue(budget);
  expect(keys.push(Buffer.from('x'))).toBe(false);
  full[0]?.keys.close();
  expect(keys.push(Buffer.from('x'))).toBe(true);
});

test('a shell that takes no more is told of once', async () => {
  const { keys, lost, gate } = blockedQueue();
  keys.push(Buffer.from('a'));
  keys.push(Buffer.from('b'));
  gate.reject(new Error('gone'));
  await settled();
  keys.push(Buffer.from('c'));
  expect(lost).toEqual([new Error('gone')]);
  expect(keys.bytes).toBe(0);
});
