import { createServer, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ServerConfig } from './server-config.ts';

/** What CoreDNS' plugins health, ready and prometheus answer over HTTP, each at its own port. */
export class StatusPages implements Disposable {
  readonly #web: Server;
  readonly #ports = new WeakMap<object, number>();

  constructor(servers: () => readonly ServerConfig[]) {
    this.#web = createServer({ maxHeaderSize: 16 * 1024, requestTimeout: 10_000 }, (request, response) => {
      const port = this.#ports.get(request.socket);
      const is = (what: 'health' | 'ready' | 'metrics', path: string): boolean =>
        request.url === path && servers().some((server) => server[what] === port);
      if (is('health', '/health') || is('ready', '/ready')) response.end('OK');
      else if (is('metrics', '/metrics')) response.end('# not simulated: the metrics of CoreDNS\n');
      else response.writeHead(404).end('404 page not found\n');
    });
  }

  accept(port: number, socket: Duplex): void {
    this.#ports.set(socket, port);
    this.#web.emit('connection', socket);
  }

  [Symbol.dispose](): void {
    this.#web.closeAllConnections();
  }
}
