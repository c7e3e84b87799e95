import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { OutputBatcher } from './output-batcher.ts';

// The same cases every time: a test that fails now and then tells nobody why.
fc.configureGlobal({ seed: 20_261_123 });

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function record() {
  const frames: Buffer[] = [];
  return { frames, batcher: new OutputBatcher((frame) => frames.push(frame)) };
}

test('a short chunk goes at once', () => {
  const { frames, batcher } = record();
  batcher.push(Buffer.from('x'));
  expect(frames.map(String)).toEqual(['x']);
});

test('longer chunks wait up to 4 ms for more, and short ones behind them keep their place', () => {
  const { frames, batcher } = record();
  batcher.push(Buffer.alloc(2000, 'a'));
  batcher.push(Buffer.from('b'));
  vi.advanceTimersByTime(3);
  expect(frames).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(frames.map(String)).toEqual([`${'a'.repeat(2000)}b`]);
});

test('64 KB go without waiting', () => {
  const { frames, batcher } = record();
  for (let n = 0; n < 16; n += 1) batcher.push(Buffer.alloc(4096, 'a'));
  expect(frames.map(({ length }) => length)).toEqual([65_536]);
});

test('a frame does not end within a character', () => {
  const { frames, batcher } = record();
  batcher.push(Buffer.from([0x61, 0xe2, 0x80]));
  batcher.push(Buffer.from([0xa6, 0xe2]));
  batcher.end();
  expect(frames).toEqual([Buffer.from('a'), Buffer.from('…'), Buffer.from([0xe2])]);
});

test('every byte comes once and in order', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 3000 })), (chunks) => {
      const { frames, batcher } = record();
      for (const chunk of chunks) batcher.push(Buffer.from(chunk));
      batcher.end();
      expect(Buffer.concat(frames).equals(Buffer.concat(chunks))).toBe(true);
      expect(vi.getTimerCount()).toBe(0);
    }),
  );
});
