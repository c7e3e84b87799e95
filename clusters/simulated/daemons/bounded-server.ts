import type { Server, Socket } from 'node:net';

/** Connections that one listener of a daemon keeps open at a time; the learner's side is untrusted. */
const MAX_CONNECTIONS = 200;

export interface Served extends AsyncDisposable {
  /** Stops listening at once; connections that are open live on. */
  close(): void;
}

/**
 * Hands the connections of a listening server to a daemon, at most 200 at a time; more are closed at once.
 * Disposing closes the listener and every connection that is still open.
 */
export function serveConnections(server: Server, accept: (socket: Socket) => void): Served {
  const open = new Set<Socket>();
  const closed = new Promise<void>((resolve) => server.once('close', () => resolve()));
  const close = () => {
    if (server.listening) server.close();
  };
  server.maxConnections = MAX_CONNECTIONS;
  server.on('connection', (socket) => {
    open.add(socket);
    socket.on('error', () => socket.destroy()); // a client that resets is no concern of anyone's
    socket.once('close', () => open.delete(socket));
    accept(socket);
  });
  return {
    close,
    async [Symbol.asyncDispose]() {
      close();
      for (const socket of open) socket.destroy();
      await closed;
    },
  };
}
