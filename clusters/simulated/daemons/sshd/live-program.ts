import type { Readable, Writable } from 'node:stream';
import type { SimulatedHost } from '../../hosts/simulated-host.ts';

/** A program whose input and output flow while it runs; `scp` and `tail -f` over ssh need that. */
export interface LiveProgram {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  readonly exited: Promise<number>;
}

/** What a host may offer beyond the contract. A host without it runs a program with all of its input, then shows all of its output. */
export interface StreamingHost {
  spawn(argv: readonly string[], options: ProgramOptions): Promise<LiveProgram>;
}

export interface ProgramOptions {
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** On abort the program and its children are killed. */
  readonly signal: AbortSignal;
}

/** The two ends of a channel, and where errors go. */
export interface ProgramStreams {
  readonly input: Readable;
  readonly output: Writable;
  readonly errors: Writable;
}

/** Bytes of input and of each output that a host without live streams holds in memory. */
const MAX_BUFFERED = 8 * 1024 * 1024;

export function canStream(host: SimulatedHost): host is SimulatedHost & StreamingHost {
  return 'spawn' in host;
}

/** Runs a program on a host between two streams; resolves with its exit status when all output is written. */
export async function runBetween(
  host: SimulatedHost,
  argv: readonly string[],
  options: ProgramOptions,
  streams: ProgramStreams,
): Promise<number> {
  if (canStream(host)) {
    const program = await host.spawn(argv, options);
    program.stdin.on('error', () => {}); // the program may end before it has read its input
    streams.input.pipe(program.stdin);
    program.stdout.pipe(streams.output, { end: false });
    program.stderr.pipe(streams.errors, { end: false });
    const drained = Promise.all([ended(program.stdout), ended(program.stderr)]);
    const code = await program.exited;
    await drained;
    return code;
  }
  const stdin = await collectInput(streams.input);
  const result = await host.exec(argv, { ...options, stdin, maxBytes: MAX_BUFFERED });
  streams.output.write(result.stdout);
  streams.errors.write(result.stderr);
  return result.exitCode;
}

/**
 * A client at a keyboard never ends its input, and a piped one begins at once: what has not begun within half a second is taken for a
 * keyboard, which a program here cannot have.
 */
async function collectInput(input: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  const begun = new Promise<'data' | 'end' | 'silence'>((resolve) => {
    const timer = setTimeout(() => resolve('silence'), 500);
    input
      .once('data', () => resolve('data'))
      .once('end', () => resolve('end'))
      .once('close', () => resolve('end'));
    input.once('close', () => clearTimeout(timer));
  });
  const done = new Promise<void>((resolve, reject) => {
    input.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      size += chunk.length;
      if (size > MAX_BUFFERED) reject(new Error(`more than ${MAX_BUFFERED} bytes of input`));
    });
    input.once('end', resolve).once('close', resolve);
  });
  if ((await begun) === 'data') await done;
  else done.catch(() => {}); // nobody waits for it any more
  return Buffer.concat(chunks);
}

function ended(stream: Readable): Promise<void> {
  return new Promise((resolve) => {
    stream
      .once('end', resolve)
      .once('close', resolve)
      .once('error', () => resolve());
  });
}
