import type { ExecOptions, ExecResult } from '../../cluster.ts';
import { encodePacket, packetReader } from './packets.ts';
import type { Supervisor } from './supervisor.ts';
import { BASE_ENVIRONMENT } from './host-files.ts';

/** Per stream, when the caller names no bound. */
const DEFAULT_MAX_BYTES = 4 * 2 ** 20;

/** Pieces in which standard input is sent; the keeper takes the next when the program has read. */
const STDIN_PIECE = 2 ** 16;

/**
 * Runs a program in a host through a keeper (agent/session.pl, `keep_program`) and collects what it writes.
 * Rejects when the program could not be started, with the reason, or with the signal's reason on abort.
 */
export async function runProgram(
  supervisor: Supervisor,
  host: string,
  argv: readonly string[],
  options: ExecOptions,
): Promise<ExecResult> {
  options.signal.throwIfAborted();
  const words = programFields(options.cwd ?? '/root', { ...BASE_ENVIRONMENT, ...options.env }, argv);
  const { socket } = await supervisor.askForSocket('exec', host, ...words);
  const stdout = bounded(options.maxBytes ?? DEFAULT_MAX_BYTES);
  const stderr = bounded(options.maxBytes ?? DEFAULT_MAX_BYTES);
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const abort = () => reject(options.signal.reason as Error);
  options.signal.addEventListener('abort', abort, { once: true });
  if (options.signal.aborted) abort();
  const read = packetReader(2 ** 20, (type, bytes) => {
    if (type === 1) stdout.add(bytes);
    else if (type === 2) stderr.add(bytes);
    else if (type === 3) resolve(bytes.readUInt32BE(0));
    else reject(new Error(`${argv[0] ?? ''} could not be started in ${host}: ${String(bytes).trim()}`));
  });
  socket.on('data', read);
  socket.on('error', () => undefined); // the close says it
  socket.once('close', () => reject(new Error(`${argv[0] ?? ''}: ${host} ended while it ran`)));
  try {
    const input = Buffer.from(options.stdin ?? '');
    for (let at = 0; at < input.length; at += STDIN_PIECE)
      socket.write(encodePacket(0, input.subarray(at, at + STDIN_PIECE)));
    socket.write(encodePacket(1, ''));
    const exitCode = await promise;
    return {
      exitCode,
      stdout: stdout.bytes(),
      stderr: stderr.bytes(),
      truncated: stdout.truncated() || stderr.truncated(),
    };
  } finally {
    options.signal.removeEventListener('abort', abort);
    socket.destroy(); // kills the program and its children if it still runs
  }
}

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
