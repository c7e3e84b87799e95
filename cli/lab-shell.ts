import { text } from 'node:stream/consumers';
import { WebSocket } from 'ws';
import { LabError } from '../clusters/cluster.ts';
import { HostName } from '../protocol/host.ts';
import { TERMINAL_ACK_BYTES, TERMINAL_KEYS_BYTES, TerminalServerFrame } from '../protocol/terminal.ts';
import type { CommandContext } from './context.ts';
import { problemIn, type ServerAddress } from './server-client.ts';

/** Ctrl-D, which tells a shell that nothing more is typed. */
const END_OF_TRANSMISSION = 0x04;
/** Ctrl-\, which detaches: it is no key that a shell's user misses. */
const DETACH = 0x1c;

/**
 * Joins this terminal to one of the lab. Resolves with the shell's exit status, or 0 after a detach. Rejects with `LabError` for a lab or
 * host that there is not, and when the connection is lost.
 */
export function attachShell(
  { origin, token }: ServerAddress,
  { lab, host, terminal }: { lab: string; host: string; terminal: string },
  { stdin, stdout, signal }: Pick<CommandContext, 'stdin' | 'stdout' | 'signal'>,
): Promise<number> {
  if (!HostName.safeParse(host).success)
    return Promise.reject(
      new LabError(`No lab has a machine ${host}.`, `Choose one of: ${HostName.options.join(', ')}.`),
    );
  const size = (): { cols: number; rows: number } => ({ cols: stdout.columns ?? 80, rows: stdout.rows ?? 24 });
  const { cols, rows } = size();
  const path = [lab, 'terminals', host, terminal].map(encodeURIComponent).join('/');
  const socket = new WebSocket(`${origin.replace(/^http/, 'ws')}/api/labs/${path}?cols=${cols}&rows=${rows}`, {
    headers: { authorization: `Bearer ${token}` },
    perMessageDeflate: false,
  });

  return new Promise((resolve, reject) => {
    let unacknowledged = 0;
    const resize = (): void => socket.send(JSON.stringify({ type: 'resize', ...size() }));
    const keys = (chunk: Buffer): void => {
      if (chunk.includes(DETACH)) return leave(0);
      for (let at = 0; at < chunk.length; at += TERMINAL_KEYS_BYTES) {
        socket.send(chunk.subarray(at, at + TERMINAL_KEYS_BYTES), { binary: true });
      }
    };
    const tidy = (): void => {
      stdin.off('data', keys).pause();
      stdout.off('resize', resize);
      if (stdin.isTTY) stdin.setRawMode(false);
      socket.terminate();
    };
    const leave = (exitCode: number): void => {
      tidy();
      resolve(exitCode);
    };
    const fail = (error: LabError): void => {
      tidy();
      reject(error);
    };
    const lost = (message: string): void => fail(new LabError(message, 'See the labs there are: ./breachlab lab list'));

    signal.addEventListener('abort', () => leave(130), { once: true });
    socket.on('open', () => {
      if (stdin.isTTY) stdin.setRawMode(true);
      stdin.on('data', keys).resume();
      // Piped commands end with the shell that ran them, not with the pipe.
      stdin.on('end', () => socket.send(Buffer.of(END_OF_TRANSMISSION), { binary: true }));
      stdout.on('resize', resize);
    });
    socket.on('message', (data: Buffer, isBinary) => {
      if (isBinary) {
        unacknowledged += data.length;
        stdout.write(data, () => {
          if (unacknowledged < TERMINAL_ACK_BYTES || socket.readyState !== WebSocket.OPEN) return;
          socket.send(JSON.stringify({ type: 'ack', bytes: unacknowledged }));
          unacknowledged = 0;
        });
        return;
      }
      const frame = TerminalServerFrame.safeParse(JSON.parse(data.toString('utf8')));
      if (!frame.success) return;
      if (frame.data.type === 'exit') leave(frame.data.code);
      else if (frame.data.type === 'error') lost(frame.data.message);
    });
    socket.on('unexpected-response', (_request, response) => {
      const said = text(response).catch(() => '');
      void said.then((body) => fail(problemIn(response.statusCode ?? 0, body)));
    });
    socket.on('error', (error) => lost(`The terminal could not be opened: ${error.message}`));
    socket.on('close', () => lost('The server closed the terminal.'));
  });
}
