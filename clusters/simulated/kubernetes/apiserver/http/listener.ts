import { createSecureServer, type Http2SecureServer } from 'node:http2';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { ServingConfig } from '../../flags/serving-config.ts';

export interface Handlers {
  readonly request: (request: IncomingMessage, response: ServerResponse) => void;
  readonly upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
}

/** Bytes of all headers of a request; upstream allows 1 MiB, far more than any client sends. */
const MOST_HEADER_BYTES = 256 * 1024;
/** Connections of one lab at once. */
const MOST_CONNECTIONS = 1000;

/**
 * TLS with HTTP/2 and HTTP/1.1 on connections that others accept. It owns those connections, never a port: listeners live in the
 * hosts' networks and outlast a restart.
 */
export class TlsListener implements Disposable {
  readonly #server: Http2SecureServer;
  readonly #sockets = new Set<Socket>();

  constructor(serving: ServingConfig, handlers: Handlers) {
    this.#server = createSecureServer({
      key: serving.key,
      cert: serving.certificate,
      ...(serving.clientCa === undefined ? {} : { ca: serving.clientCa, requestCert: true }),
      rejectUnauthorized: false,
      minVersion: serving.minVersion,
      ...(serving.ciphers === undefined ? {} : { ciphers: serving.ciphers }),
      ...(serving.curves === undefined ? {} : { ecdhCurve: serving.curves }),
      allowHTTP1: true,
      // Given to the HTTP/1 parser; the types know it of http.Server only.
      ...({ maxHeaderSize: MOST_HEADER_BYTES } as object),
      settings: { maxConcurrentStreams: 250, initialWindowSize: 1024 * 1024 },
    });
    this.#server.on('request', (request, response) =>
      handlers.request(request as unknown as IncomingMessage, response as unknown as ServerResponse),
    );
    this.#server.on('upgrade', handlers.upgrade);
    // A client that breaks off, or does not speak TLS, is no event.
    this.#server.on('tlsClientError', () => {});
    this.#server.on('sessionError', () => {});
    this.#server.on('clientError', (_error: Error, socket: Duplex) => {
      if (socket.writable)
        socket.end(
          'HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n400 Bad Request',
        );
      else socket.destroy();
    });
  }

  /** Takes over an accepted connection. */
  accept(socket: Socket): void {
    if (this.#sockets.size >= MOST_CONNECTIONS) {
      socket.destroy();
      return;
    }
    this.#sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => this.#sockets.delete(socket));
    socket.setNoDelay(true);
    this.#server.emit('connection', socket);
  }

  /** Ends every connection, watches too. */
  closeConnections(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#sockets.clear();
  }

  [Symbol.dispose](): void {
    this.closeConnections();
    this.#server.close();
  }
}
