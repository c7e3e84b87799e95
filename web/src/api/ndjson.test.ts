import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NdjsonSplitter } from './ndjson.ts';

// The same cases every time: a test that fails now and then tells nobody why.
fc.configureGlobal({ seed: 20_261_123 });

test('finds the same lines wherever the network cuts the stream', () => {
  fc.assert(
    fc.property(
      fc.array(fc.jsonValue(), { maxLength: 8 }),
      fc.array(fc.nat(200), { maxLength: 12 }),
      (values, cuts) => {
        const text = values.map((value) => `${JSON.stringify(value)}\n`).join('');
        const places = [0, ...cuts.map((cut) => Math.min(cut, text.length)).sort((a, b) => a - b), text.length];
        const splitter = new NdjsonSplitter();
        const lines = places.slice(1).flatMap((place, i) => splitter.push(text.slice(places[i] ?? 0, place)));
        expect([...lines, ...splitter.end()]).toEqual(values.map((value) => JSON.stringify(value)));
      },
    ),
  );
});

test('hands out a last line without a newline when the stream ends, and skips blank lines', () => {
  const splitter = new NdjsonSplitter();
  expect(splitter.push('{"a":1}\r\n\n{"b"')).toEqual(['{"a":1}']);
  expect(splitter.push(':2}')).toEqual([]);
  expect(splitter.end()).toEqual(['{"b":2}']);
  expect(splitter.end()).toEqual([]);
});
