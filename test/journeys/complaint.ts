import { type AddressInfo, createServer } from 'node:net';
import { once } from 'node:events';
import { expect, onTestFinished } from 'vitest';
import { CommandLine } from './command-line.ts';
import { ourMounts } from './our-mounts.ts';

export interface Complaint {
  /** The first line, after `breachlab: `. */
  readonly what: string | RegExp;
  /** The last one, after the arrow. */
  readonly next: string | RegExp;
  /** What stands on standard output before it failed; nothing unless said. */
  readonly shown?: RegExp;
}

/** A command line that is gone when the test is. */
export async function commandLine(): Promise<CommandLine> {
  const line = await CommandLine.open();
  onTestFinished(() => line[Symbol.asyncDispose]());
  return line;
}

/**
 * Runs a command that must fail with just that: one message with the next step, an exit status, no stack trace and nothing left behind.
 */
export async function complains(
  line: CommandLine,
  args: readonly string[],
  { what, next, shown = /^$/ }: Complaint,
  options: Parameters<CommandLine['run']>[1] = {},
): Promise<void> {
  const command = line.start(args, options);
  const { exitCode, stdout, stderr } = await command.ended;
  const said = stderr.split('\n').filter((text) => !/^[·✓✗] /.test(text)); // progress of what came before
  expect({ exitCode, stdout, said }).toEqual({
    exitCode: 1,
    stdout: expect.stringMatching(shown),
    said: expect.arrayContaining([expect.stringMatching(/^breachlab: /), expect.stringMatching(/^ {2}→ /), '']),
  });
  expect(said[0]?.slice('breachlab: '.length)).toMatch(what);
  expect(said.at(-2)?.slice('  → '.length)).toMatch(next);
  expect(stderr).not.toMatch(/^\s+at |node:internal|Error:/m);
  expect(await line.leftBehind()).toEqual([]);
  expect(command.below()).toEqual([]);
  expect(ourMounts()).toEqual([]);
}

/** A port of this machine that somebody listens on. */
export async function taken(): Promise<Disposable & { readonly port: number }> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, [Symbol.dispose]: () => void server.close() };
}
