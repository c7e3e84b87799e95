import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { z } from 'zod';
import { HostName } from '../../protocol/host.ts';
import { TerminalId } from '../../protocol/ids.ts';
import { TERMINAL_KEYS_BYTES } from '../../protocol/terminal.ts';
import { labIdIn } from '../labs/lab-registry.ts';
import type { Log } from '../log.ts';
import { isUnexpected, problemOf } from '../problem.ts';
import { Refusal } from '../refusal.ts';
import type { Terminals } from '../terminal/terminals.ts';
import { type AccessRules, requireOwnOrigin, requireToken } from './access.ts';
import { parseInput } from './problems.ts';

const PATH = /^\/api\/labs\/([^/]+)\/terminals\/([^/]+)\/([^/]+)$/;
const Address = z.object({ host: HostName, terminal: TerminalId });
const Query = z.object({
  cols: z.coerce.number().int().min(2).max(1000).default(80),
  rows: z.coerce.number().int().min(1).max(1000).default(24),
});

/** How long a page may take over the closing handshake when the server ends. */
const GOODBYE_MS = 1_000;

/** Answers the upgrade requests of terminals. What is refused before the WebSocket stands is answered as a problem. */
export class TerminalUpgrade implements AsyncDisposable {
  readonly #access: AccessRules;
  readonly #terminals: Terminals;
  readonly #log: Log;
  readonly #sockets = new WebSocketServer({
    noServer: true,
    clientTracking: true,
    perMessageDeflate: false, // it costs more than loopback and a class-room network gain
    maxPayload: 4 * TERMINAL_KEYS_BYTES, // what is a little too long gets an explanation, the rest is cut off by ws
  });

  constructor(parts: { access: AccessRules; terminals: Terminals; log: Log }) {
    this.#access = parts.access;
    this.#terminals = parts.terminals;
    this.#log = parts.log;
  }

  handle(request: IncomingMessage, stream: Duplex, head: Buffer): void {
    stream.on('error', () => stream.destroy());
    try {
      const { address, size } = this.#admit(request);
      this.#sockets.handleUpgrade(request, stream, head, (socket) => {
        socket.pause(); // no frame may come before somebody listens
        void this.#terminals.attach(socket, address, size);
      });
    } catch (cause) {
      if (isUnexpected(cause)) this.#log.error('an upgrade failed', { path: request.url, cause });
      answer(stream, cause);
    }
  }

  /** Lets sockets that are being closed end in order, and cuts those that do not. */
  async [Symbol.asyncDispose](): Promise<void> {
    const closed = Promise.withResolvers<void>();
    this.#sockets.close(() => closed.resolve());
    const cut = setTimeout(() => {
      for (const socket of this.#sockets.clients) socket.terminate();
    }, GOODBYE_MS);
    await closed.promise;
    clearTimeout(cut);
  }

  #admit(request: IncomingMessage) {
    requireOwnOrigin(request.headers, this.#access);
    requireToken(request.headers, request.socket.localPort ?? 0, this.#access);
    const url = URL.parse(request.url ?? '', 'http://server');
    const [, lab, host, terminal] = PATH.exec(url?.pathname ?? '') ?? [];
    if (url === null || lab === undefined) {
      throw new Refusal('absent', 'There is no WebSocket at this path.', 'See protocol/terminal.ts.');
    }
    const address = { lab: labIdIn(lab), ...parseInput(Address, { host, terminal }, 'path') };
    return { address, size: parseInput(Query, Object.fromEntries(url.searchParams), 'query') };
  }
}

function answer(stream: Duplex, cause: unknown): void {
  const problem = problemOf(cause);
  const body = JSON.stringify(problem);
  const head = [
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status] ?? ''}`,
    'Connection: close',
    'Content-Type: application/problem+json',
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  stream.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}
