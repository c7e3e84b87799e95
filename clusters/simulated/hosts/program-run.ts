import type { Socket } from 'node:net';
import { Readable, Writable } from 'node:stream';
import type { ExecOptions, ExecResult } from '../../cluster.ts';
import { encodePacket, packetReader } from './packets.ts';
import type { LiveProgram, ProgramOptions } from './simulated-host.ts';
import type { Supervisor } from './supervisor.ts';
import { BASE_ENVIRONMENT } from './host-files.ts';

/** Per stream, when the caller names no bound. */
const DEFAULT_MAX_BYTES = 4 * 2 ** 20;

/** Pieces in which standard input is sent; the keeper takes the next when the program has read. */
const STDIN_PIECE = 2 ** 16;

/**
 * Starts a program in a host through a keeper (agent/session.pl, `keep_program`). Rejects with the signal's reason on abort; that the
 * program could not be started, or was ended with its host, is what `exited` rejects with. Output that nobody reads holds it up.
 */
export async function spawnProgram(
  supervisor: Supervisor,
  host: string,
  argv: readonly string[],
  options: ProgramOptions,
): Promise<LiveProgram> {
  return spawnBare(supervisor, host, argv, { ...options, env: { ...BASE_ENVIRONMENT, ...options.env } });
}

/** The same with no other environment than the given one, as in a container. The reason of a failed start is the error's `cause`. */
export async function spawnBare(
  supervisor: Supervisor,
  host: string,
  argv: readonly string[],
  options: ProgramOptions,
): Promise<LiveProgram> {
  options.signal.throwIfAborted();
  const words = programFields(options.cwd ?? '/root', options.env ?? {}, argv);
  const { socket } = await supervisor.askForSocket('exec', host, ...words);
  const { promise: exited, resolve, reject } = Promise.withResolvers<number>();
  exited.catch(() => undefined); // whoever waits for it hears of it
  const stdin = inputOf(socket);
  const [stdout, stderr] = [outputOf(socket), outputOf(socket)];
  const end = () => {
    options.signal.removeEventListener('abort', abort);
    for (const stream of [stdout, stderr]) stream.push(null);
    stdin.destroy();
    socket.destroy(); // kills the program and its children if it still runs
  };
  const fail = (error: Error) => {
    reject(error);
    end();
  };
  const abort = () => fail(options.signal.reason as Error);
  options.signal.addEventListener('abort', abort, { once: true });
  const read = packetReader(2 ** 20, (type, bytes) => {
    if (type === 1 || type === 2) {
      if (!(type === 1 ? stdout : stderr).push(bytes)) socket.pause();
    } else if (type === 3) {
      resolve(bytes.readUInt32BE(0));
      end();
    } else {
      const cause = String(bytes).trim();
      fail(new Error(`${argv[0] ?? ''} could not be started in ${host}: ${cause}`, { cause }));
    }
  });
  socket.on('data', read);
  socket.on('error', () => undefined); // the close says it
  socket.once('close', () => fail(new Error(`${argv[0] ?? ''}: ${host} ended while it ran`)));
  if (options.signal.aborted) abort();
  return { stdin, stdout, stderr, exited };
}

/** What is written when the program has ended already is dropped, as a closed pipe would. */
function inputOf(socket: Socket): Writable {
  const send = (packet: Buffer, done: () => void) => {
    if (socket.writable) socket.write(packet, () => done());
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

const outputOf = (socket: Socket): Readable => new Readable({ read: () => void socket.resume() });

/** Runs a program to its end and collects what it writes. Rejects as `spawnProgram` and its `exited` do. */
export async function runProgram(
  supervisor: Supervisor,
  host: string,
  argv: readonly string[],
  options: ExecOptions,
): Promise<ExecResult> {
  const program = await spawnProgram(supervisor, host, argv, options);
  const stdout = bounded(options.maxBytes ?? DEFAULT_MAX_BYTES);
  const stderr = bounded(options.maxBytes ?? DEFAULT_MAX_BYTES);
  program.stdout.on('data', (bytes: Buffer) => stdout.add(bytes));
  program.stderr.on('data', (bytes: Buffer) => stderr.add(bytes));
  program.stdin.end(Buffer.from(options.stdin ?? ''));
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

/** The fields that start a program: folder, number of variables, variables, words. */
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
