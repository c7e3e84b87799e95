import { join } from 'node:path';
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { commandLine } from './cli-page.ts';
import { papersOf } from './papers.ts';

const project = join(import.meta.dirname, '../..');

interface Example {
  readonly file: string;
  readonly line: string;
}

/** Lines that begin with `./breachlab`, in code blocks and in code within a line. */
async function examples(): Promise<readonly Example[]> {
  const papers = await papersOf(project);
  return papers.flatMap(({ path, text }) =>
    [...text.matchAll(/(?:^|`)\.\/breachlab ([a-z][^`\n]*)/gm)].map(([, line = '']) => ({ file: path, line })),
  );
}

/** What is wrong with a command line of the papers; undefined when the program knows all of it. */
function complaint(line: string, program: Command): string | undefined {
  const [own = ''] = line.split(/ -- | #| \|| > /);
  let command = program;
  for (const word of own.trim().split(/\s+/)) {
    const sub = command.commands.find((one) => one.name() === word);
    if (sub !== undefined) command = sub;
    else if (command.commands.length > 0 && word !== '…') return `there is no ${command.name()} ${word}`;
    else if (word.startsWith('--') && !command.options.some(({ long }) => long === word)) {
      return `${command.name()} has no ${word}`;
    }
  }
  return undefined;
}

describe('the papers', () => {
  it('show only commands and options that there are', async () => {
    const program = commandLine();
    const lines = await examples();
    expect(lines.length).toBeGreaterThan(20);
    const wrong = lines.flatMap(({ file, line }) => {
      const what = complaint(line, program);
      return what === undefined ? [] : [`${file}: ./breachlab ${line}: ${what}`];
    });
    expect(wrong).toEqual([]);
  });

  it.each([
    ['up --port 7777', undefined],
    ['lab run --scenario blank -- kubectl get --nothing', undefined],
    ['verify --no-such-option', 'verify has no --no-such-option'],
    ['lab pause x', 'there is no lab pause'],
    ['repair', 'there is no breachlab repair'],
  ])('are caught when they show something else: %s', (line, what) => {
    expect(complaint(line, commandLine())).toBe(what);
  });
});
