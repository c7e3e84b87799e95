import { expect, test } from 'vitest';
import { SkippedOutput } from './skipped-output.ts';

function kept(...outputs: string[]): string {
  const skipped = new SkippedOutput();
  for (const output of outputs) skipped.add(Buffer.from(output));
  return skipped.toString();
}

test.each([
  ['text alone', ['hello\r\n'], ''],
  ['a private mode', ['a\x1b[?1049hb'], '\x1b[?1049h'],
  ['the latest state of a mode', ['\x1b[?25l\x1b[?25h', '\x1b[?25l'], '\x1b[?25l'],
  ['several modes of one sequence', ['\x1b[?1000;1006h'], '\x1b[?1000h\x1b[?1006h'],
  ['styles since their last reset', ['\x1b[31m\x1b[0m\x1b[1m\x1b[32m'], '\x1b[0m\x1b[1m\x1b[32m'],
  ['a reset of styles', ['\x1b[31m\x1b[m'], '\x1b[m'],
  ['a scroll region, the keypad and a character set', ['\x1b[2;5r\x1b=\x1b(0\x1b>'], '\x1b[2;5r\x1b(0\x1b>'],
  ['nothing from before a full reset', ['\x1b[?25l\x1b[1m\x1bc'], '\x1bc'],
  ['no cursor movement', ['\x1b[2J\x1b[5;5H'], ''],
])('keeps %s', (_name, outputs, expected) => {
  expect(kept(...outputs)).toBe(`\x18${expected}\r\n`);
});
