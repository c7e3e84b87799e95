import { expect, test } from 'vitest';
import { TERMINAL_KEYS_BYTES } from '../../../protocol/terminal.ts';
import { KeyQueue } from './key-queue.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

function drain(queue: KeyQueue): Uint8Array[] {
  const frames: Uint8Array[] = [];
  for (let frame = queue.take(); frame !== undefined; frame = queue.take()) frames.push(frame);
  return frames;
}

test('cuts a paste of 10 MB into frames the server accepts, in order and whole', () => {
  const paste = Uint8Array.from({ length: 10_000_000 }, (_, i) => i % 251);
  const queue = new KeyQueue();
  queue.push(paste);
  queue.push(bytes('!'));
  const frames = drain(queue);
  expect(Math.max(...frames.map((frame) => frame.length))).toBeLessThanOrEqual(TERMINAL_KEYS_BYTES);
  expect(Buffer.concat(frames).equals(Buffer.concat([paste, bytes('!')]))).toBe(true);
  expect(queue.isEmpty).toBe(true);
});

test('throws a waiting paste away when Ctrl+C is pressed', () => {
  const queue = new KeyQueue();
  queue.push(new Uint8Array(TERMINAL_KEYS_BYTES * 3).fill(0x61));
  queue.take();
  queue.push(bytes('\x03'));
  expect(drain(queue)).toEqual([bytes('\x03')]);
});

test('closes a bracketed paste that Ctrl+C cuts short', () => {
  const queue = new KeyQueue();
  queue.push(bytes(`\x1b[200~${'a'.repeat(TERMINAL_KEYS_BYTES * 2)}\x1b[201~`));
  queue.take();
  queue.push(bytes('\x03'));
  expect(Buffer.concat(drain(queue)).toString()).toBe('\x1b[201~\x03');
});

test('says how many bytes were lost with the socket', () => {
  const queue = new KeyQueue();
  queue.push(new Uint8Array(TERMINAL_KEYS_BYTES + 5));
  queue.take();
  expect(queue.clear()).toBe(5);
  expect(queue.isEmpty).toBe(true);
});
