import { type Duplex, Readable, Writable } from 'node:stream';
import type { ExecOptions, ExecResult } from '../cluster.ts';
import { encodePacket, packetReader } from './packets.ts';

/** Per stream, when the caller names no bound. */
const DEFAULT_MAX_BYTES = 4 * 2 ** 20;

/** Pieces in which standard input is sent; the keeper takes the next when the program has read. */
const STDIN_PIECE = 2 ** 16;

/** A program whose input and output flow while it runs. Output that nobody reads holds it up. */
export interface KeptProgram {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** 128 + signal number for a killed program; rejects when it could not be started, or ended with its host. */
  readonly exited: Promise<number>;
}

/**
 * The program behind a connection to its keeper (`pump_program` in keeper.pl). On abort it is killed and `exited` rejects with the
 * signal's reason. Why a program was not started is the error's `cause`.
 */
export function keptProgram(
  connection: Duplex,
  { name, host, signal }: { readonly name: string; readonly host: string; readonly signal: AbortSignal },
): KeptProgram {
  const { promise: exited, resolve, reject } = Promise.withResolvers<number>();
  exited.catch(() => undefined); // whoever waits for it hears of it
  const stdin = inputOf(connection);
  const [stdout, stderr] = [outputOf(connection), outputOf(connection)];
  const end = () => {
    signal.removeEventListener('abort', abort);
    for (const stream of [stdout, stderr]) stream.push(null);
    stdin.destroy();
    connection.destroy(); // kills the program and its children if it still runs
  };
  const fail = (error: Error) => {
    reject(error);
    end();
  };
  const abort = () => fail(signal.reason as Error);
  signal.addEventListener('abort', abort, { once: true });
  const read = packetReader(2 ** 20, (type, bytes) => {
    if (type === 1 || type === 2) {
      if (!(type === 1 ? stdout : stderr).push(bytes)) connection.pause();
    } else if (type === 3) {
      resolve(bytes.readUInt32BE(0));
      end();
    } else {
      const cause = String(bytes).trim();
      fail(new Error(`${name} could not be started in ${host}: ${cause}`, { cause }));
    }
  });
  connection.on('data', (chunk: Buffer) => {
    try {
      read(chunk);
    } catch (error) {
      // What came is no packet: somebody who is root there meddled with the keeper.
      fail(new Error(`${name} in ${host} said what makes no sense`, { cause: error }));
    }
  });
  connection.on('error', () => undefined); // the close says it
  connection.once('close', () => fail(new Error(`${name}: ${host} ended while it ran`)));
  if (signal.aborted) abort();
  return { stdin, stdout, stderr, exited };
}

/** What is written when the program has ended already is dropped, as a closed pipe would. */
function inputOf(connection: Duplex): Writable {
  const send = (packet: Buffer, done: () => void) => {
    if (connection.writable) connection.write(packet, () => done());
    else done();
  };
  return new Writable({
    highWaterMark: STDIN_PIECE,
    write(chunk: Buffer, _encoding, done) {
      const pieces = Math.ceil(chunk.length / STDIN_PIECE);
      for (let i = 0; i < pieces; i++) {
        const piece = encodePacket(0, chunk.subarray(i * STDIN_PIECE, (i + 1) * STDIN_PIECE));
        send(piece, i === pieces - 1 ? done : () => undefined);
      }
      if (pieces === 0) done();
    },
    final: (done) => send(encodePacket(1, ''), done),
  });
}

const outputOf = (connection: Duplex): Readable => new Readable({ read: () => void connection.resume() });

/** Gives a program its input, waits for its end and collects what it writes. Rejects as `exited` does. */
export async function collected(
  program: KeptProgram,
  { stdin, maxBytes = DEFAULT_MAX_BYTES }: Pick<ExecOptions, 'stdin' | 'maxBytes'>,
): Promise<ExecResult> {
  const stdout = bounded(maxBytes);
  const stderr = bounded(maxBytes);
  program.stdout.on('data', (bytes: Buffer) => stdout.add(bytes));
  program.stderr.on('data', (bytes: Buffer) => stderr.add(bytes));
  program.stdin.end(Buffer.from(stdin ?? ''));
  const exitCode = await program.exited;
  await Promise.all([drained(program.stdout), drained(program.stderr)]);
  return {
    exitCode,
    stdout: stdout.bytes(),
    stderr: stderr.bytes(),
    truncated: stdout.truncated() || stderr.truncated(),
  };
}

const drained = async (stream: Readable): Promise<void> =>
  stream.readableEnded ? undefined : new Promise((resolve) => void stream.once('end', resolve));

function bounded(max: number) {
  const chunks: Buffer[] = [];
  let size = 0;
  let dropped = false;
  return {
    add(bytes: Buffer) {
      const room = bytes.subarray(0, Math.max(0, max - size));
      if (room.length > 0) chunks.push(room);
      size += room.length;
      dropped ||= room.length < bytes.length;
    },
    bytes: () => Buffer.concat(chunks),
    truncated: () => dropped,
  };
}

/** The fields that start a program: folder, number of variables, variables, words. Throws on what no program can be given. */
export function programFields(
  cwd: string,
  env: Readonly<Record<string, string>>,
  argv: readonly string[],
): (string | number)[] {
  for (const word of [cwd, ...argv, ...Object.entries(env).flat()]) {
    if (word.includes('\0')) throw new TypeError('a program takes no NUL in its arguments or environment');
  }
  return [cwd, Object.keys(env).length, ...Object.entries(env).flat(), ...argv];
}
