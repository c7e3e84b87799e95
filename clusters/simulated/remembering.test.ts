import { expect, test } from 'vitest';
import { remembering } from './remembering.ts';

test('a text that came lately is not worked on again, and few are kept', () => {
  const worked: string[] = [];
  const upper = remembering((text) => {
    worked.push(text);
    return text.toUpperCase();
  });
  expect([upper('a'), upper('b'), upper('a')]).toEqual(['A', 'B', 'A']);
  expect(worked).toEqual(['a', 'b']);
  for (const text of 'cdefghij') upper(text);
  expect(upper('a')).toBe('A');
  expect(worked.at(-1)).toBe('a');
});

test('what is thrown is thrown again by whoever comes next', () => {
  let times = 0;
  const fails = remembering(() => {
    times += 1;
    throw new Error(`no ${times}`);
  });
  expect(() => fails('x')).toThrow('no 1');
  expect(() => fails('x')).toThrow('no 2');
});
