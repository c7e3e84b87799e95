import fc from 'fast-check';
import { expect, test } from 'vitest';
import { utf8TailLength } from './utf8-tail.ts';

// The same cases every time: a test that fails now and then tells nobody why.
fc.configureGlobal({ seed: 20_261_123 });

test.each([
  ['nothing', [], 0],
  ['a letter', [0x61], 0],
  ['a whole character', [0xe2, 0x80, 0xa6], 0],
  ['one byte of three', [0x61, 0xe2], 1],
  ['two bytes of three', [0xe2, 0x80], 2],
  ['three bytes of four', [0xf0, 0x9f, 0x80], 3],
  ['bytes that begin nothing', [0x80, 0x80, 0x80, 0x80], 0],
])('%s', (_name, bytes, tail) => {
  expect(utf8TailLength(Uint8Array.from(bytes))).toBe(tail);
});

test('text that is cut before its tail is whole', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.nat(), (text, at) => {
      const bytes = Buffer.from(text.toWellFormed());
      const cut = bytes.subarray(0, at % (bytes.length + 1));
      const whole = cut.subarray(0, cut.length - utf8TailLength(cut));
      expect(() => new TextDecoder('utf-8', { fatal: true }).decode(whole)).not.toThrow();
    }),
  );
});
