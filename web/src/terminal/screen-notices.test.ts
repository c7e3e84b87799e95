import headless from '@xterm/headless';
import { expect, test } from 'vitest';
import { exitNotice } from './screen-notices.ts';

test.each([
  ['below what the shell has printed', 'one\r\n$ exit\r\n', ['one', '$ exit']],
  ['below it also after a program that has saved the cursor', '\x1b7one\r\n$ exit\r\n', ['one', '$ exit']],
  ['out of a full-screen program', 'one\r\n$ vi\r\n\x1b[?1049htext', ['one', '$ vi']],
])('says %s that the shell has ended', async (_, output, kept) => {
  const terminal = new headless.Terminal({ cols: 100, rows: 8, allowProposedApi: true });
  await new Promise<void>((drawn) => terminal.write(output + exitNotice(7), drawn));
  const lines = Array.from({ length: 5 }, (_, i) => terminal.buffer.active.getLine(i)?.translateToString(true));
  expect(lines.filter((line) => line !== '')).toEqual([
    ...kept,
    'The shell has ended with status 7. Press Enter to start a new shell.',
  ]);
});
