import type { Socket } from 'node:net';
import type { Shell, ShellOptions } from '../../cluster.ts';
import { BASE_ENVIRONMENT } from './host-files.ts';
import { encodePacket } from './packets.ts';
import { programFields } from './program-run.ts';
import type { TerminalOptions } from './simulated-host.ts';
import type { Supervisor } from './supervisor.ts';

/** Keys are sent in pieces of this many bytes, so that a big paste is held back piece by piece. */
const KEYS_PIECE = 16 * 1024;

const MAX_SIZE = 1000;

/**
 * Opens, or attaches to, a terminal that a keeper in the lab holds (agent/session.pl, `keep_terminal`). It lives on when the
 * connection goes; the newest connection has it. While nobody is attached the last 64 KB of output are kept.
 * `bare` is for containers: no environment but the given one.
 */
export async function openHostTerminal(
  supervisor: Supervisor,
  host: string,
  argv: readonly string[],
  options: ShellOptions & TerminalOptions & { readonly bare?: true },
): Promise<Shell> {
  if (!/^[\w.-]{1,64}$/.test(options.session))
    throw new TypeError(`a session is named by letters and digits: ${options.session}`);
  const size = [bounded(options.rows), bounded(options.cols)] as const;
  const env =
    options.bare === true ? { ...options.env } : { ...BASE_ENVIRONMENT, TERM: 'xterm-256color', ...options.env };
  const words = programFields(options.cwd ?? '/root', env, argv);
  const { socket, fields } = await supervisor.askForSocket('shell', host, options.session, ...size, ...words);
  socket.on('error', () => undefined); // the keeper is gone: the stream closes
  const resumed = String(fields[0]) === '1';
  const shell = Number(fields[1]);
  const exited = supervisor.shellEnded(shell);
  if (resumed) resize(socket, ...size);
  return {
    output: socket,
    resumed,
    exited,
    async write(keys) {
      for (let at = 0; at < keys.length; at += KEYS_PIECE) {
        await written(socket, encodePacket(0, keys.subarray(at, at + KEYS_PIECE)));
      }
    },
    resize: (cols, rows) => resize(socket, bounded(rows), bounded(cols)),
    async kill() {
      await supervisor.ask('end-shell', shell);
      await exited;
    },
    // oxlint-disable-next-line typescript/require-await -- the contract's dispose is asynchronous
    async [Symbol.asyncDispose]() {
      socket.destroy();
    },
  };
}

function resize(socket: Socket, rows: number, cols: number): void {
  const size = Buffer.alloc(4);
  size.writeUInt16BE(rows, 0);
  size.writeUInt16BE(cols, 2);
  if (socket.writable) socket.write(encodePacket(3, size));
}

const bounded = (length: number) => Math.max(1, Math.min(MAX_SIZE, Math.trunc(length) || 1));

async function written(socket: Socket, bytes: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.write(bytes, (error) => {
      if (error) reject(error);
      else resolve();
    });
  });
}
