import type { IncomingMessage, RequestListener, Server as HttpServer } from 'node:http';
import { createServer, type ServerOptions } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** The first byte of a TLS record that begins a handshake. */
const TLS_HANDSHAKE = 0x16;
const PLAIN_ANSWER =
  'HTTP/1.0 400 Bad Request\r\nConnection: close\r\n\r\nClient sent an HTTP request to an HTTPS server.\n';

/** Bounds of every HTTP server of a daemon; the learner's side is untrusted. */
export function boundHttp<T extends HttpServer>(server: T): T {
  server.headersTimeout = 10_000;
  server.requestTimeout = 60_000;
  server.keepAliveTimeout = 5_000;
  server.maxHeadersCount = 100;
  return server;
}

/** An HTTPS server that is handed its connections. Plain HTTP gets the answer that Go's net/http gives it. */
export function handedHttps(
  options: ServerOptions,
  handler: RequestListener,
  upgrade?: (request: IncomingMessage, socket: Duplex, head: Buffer) => void,
): (socket: Socket) => void {
  const server = boundHttp(createServer(options, handler));
  if (upgrade !== undefined) server.on('upgrade', upgrade);
  server.on('tlsClientError', (_error, socket) => socket.destroy());
  return (socket) => refusePlain(socket, () => server.emit('connection', socket));
}

/** Looks at the first byte; hands a TLS client on untouched. */
export function refusePlain(socket: Socket, handOn: () => void): void {
  socket.setTimeout(10_000, () => socket.destroy()); // whoever connects and says nothing
  socket.once('data', (first: Buffer) => {
    socket.setTimeout(0);
    if (first[0] !== TLS_HANDSHAKE) {
      socket.end(PLAIN_ANSWER);
      return;
    }
    socket.pause();
    socket.unshift(first);
    handOn();
  });
  socket.resume(); // the caller may have held it back while it thought
}
