import { expect, test } from 'vitest';
import { tomlComplaint } from './toml-complaint.ts';

test.each([
  ['nothing', ''],
  ['tables, comments and every kind of value', `# c\n[a.'b.c']\n  x = 1 # one\n  "y z" = 'it'\n[[l]]\nd = "a # b"\n`],
  ['an array and a string of several lines', `a = [\n  "x",\n  ["]"],\n]\nb = """\nnot a key\n"""\nc.d = true\n`],
])('takes %s', (_, text) => {
  expect(tomlComplaint(text)).toBeUndefined();
});

test.each([
  ['{"a": 1}', { row: 1, column: 1, reason: 'invalid character at start of key: {' }],
  ['version = 3\n\u{0}', { row: 2, column: 1, reason: 'invalid character at start of key: \u{0}' }],
  ['[grpc]\n  address', { row: 2, column: 10, reason: 'expected character =' }],
  ['version =', { row: 1, column: 10, reason: 'incomplete number' }],
  ['a = "b', { row: 1, column: 4, reason: 'basic string not terminated by "' }],
  ["a = 'b", { row: 1, column: 4, reason: 'unterminated literal string' }],
])('%j is refused where it goes wrong', (text, complaint) => {
  expect(tomlComplaint(text)).toEqual(complaint);
});
