import { expect, test } from 'vitest';
import { together } from './together.ts';

const never = new AbortController().signal;

test('gives every result in order', async () => {
  await expect(together<[number, string]>(never, [async () => 1, async () => 'two'])).resolves.toEqual([1, 'two']);
});

test('the first failure stops the others, which have ended before it is thrown', async () => {
  let ended = false;
  const slow = (signal: AbortSignal) =>
    new Promise<void>((_, reject) => {
      signal.addEventListener('abort', () =>
        setImmediate(() => {
          ended = true;
          reject(new Error('given up'));
        }),
      );
    });
  const failing = () => Promise.reject(new Error('no room'));
  await expect(together<[void, never]>(never, [slow, failing])).rejects.toThrow('no room');
  expect(ended).toBe(true);
});

test('a signal from outside reaches all', async () => {
  const outside = new AbortController();
  const slow = (signal: AbortSignal) =>
    new Promise<void>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
  const both = together<[void, void]>(outside.signal, [slow, slow]);
  outside.abort(new Error('changed my mind'));
  await expect(both).rejects.toThrow('changed my mind');
});
