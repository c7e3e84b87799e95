import { expect, test } from 'vitest';
import { isTerminalReply } from './terminal-reply.ts';

test.each([
  ['a cursor position', '\x1b[12;40R'],
  ['device attributes', '\x1b[?1;2c'],
  ['secondary attributes', '\x1b[>0;276;0c'],
  ['the state', '\x1b[0n'],
  ['the state of a mode', '\x1b[?2026;2$y'],
  ['a colour', '\x1b]11;rgb:ffff/ffff/ffff\x1b\\'],
])('%s is a reply', (_name, keys) => {
  expect(isTerminalReply(Buffer.from(keys))).toBe(true);
});

test.each(['x', '\r', '\x1b', '\x1b[A', '\x1b[1;5D', '\x1b[200~pasted\x1b[201~', '\x1b[<0;10;10M', '\x1bOP', '1;1R'])(
  'the keys %j are typed',
  (keys) => {
    expect(isTerminalReply(Buffer.from(keys))).toBe(false);
  },
);
