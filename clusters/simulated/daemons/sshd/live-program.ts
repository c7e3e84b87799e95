import { finished } from 'node:stream/promises';
import type { Readable, Writable } from 'node:stream';
import type { ProgramOptions, SimulatedHost } from '../../hosts/simulated-host.ts';

/** The two ends of a channel, and where errors go. */
export interface ProgramStreams {
  readonly input: Readable;
  readonly output: Writable;
  readonly errors: Writable;
}

/** Runs a program on a host between two streams; resolves with its exit status when all output is written. */
export async function runBetween(
  host: SimulatedHost,
  argv: readonly string[],
  options: ProgramOptions,
  streams: ProgramStreams,
): Promise<number> {
  const program = await host.spawn(argv, options);
  program.stdin.on('error', () => {}); // the program may end before it has read its input
  streams.input.pipe(program.stdin);
  program.stdout.pipe(streams.output, { end: false });
  program.stderr.pipe(streams.errors, { end: false });
  const drained = Promise.allSettled([finished(program.stdout), finished(program.stderr)]);
  const code = await program.exited;
  await drained;
  return code;
}
