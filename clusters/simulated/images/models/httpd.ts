import { createServer, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Model } from './model.ts';

const ROOT = '/usr/local/apache2/htdocs';
const SERVER = 'Apache/2.4.65 (Unix)';

/** Apache httpd with its default configuration: the files of its document root. A changed httpd.conf is not simulated. */
export const httpd: Model = async ({ files, log, now }) => {
  log(
    `[${new Date(now()).toUTCString()}] [mpm_event:notice] [pid 1:tid 1] AH00489: ${SERVER} configured -- resuming normal operations`,
  );
  const answer = async ({ url = '/' }: IncomingMessage): Promise<{ status: number; body: Buffer }> => {
    const path = url.replace(/\?.*$/, '').replace(/\/$/, '/index.html');
    const body = await files.read(`${ROOT}${path}`);
    if (body !== undefined) return { status: 200, body };
    const words =
      '<!DOCTYPE HTML PUBLIC "-//IETF//DTD HTML 2.0//EN">\n<html><head>\n<title>404 Not Found</title>\n</head><body>\n' +
      '<h1>Not Found</h1>\n<p>The requested URL was not found on this server.</p>\n</body></html>\n';
    return { status: 404, body: Buffer.from(words) };
  };
  const web = createServer({ maxHeaderSize: 16 * 1024, requestTimeout: 10_000 }, (request, response) => {
    answer(request).then(
      ({ status, body }) => {
        response.writeHead(status, { server: SERVER, 'content-type': 'text/html', 'content-length': body.length });
        response.end(request.method === 'HEAD' ? undefined : body);
        log(
          `${request.socket.remoteAddress ?? '-'} - - [${new Date(now()).toUTCString()}] "${request.method} ${request.url} HTTP/${request.httpVersion}" ${status} ${body.length}`,
        );
      },
      () => response.destroy(),
    );
  });
  return Promise.resolve({
    server: {
      listens: [80],
      accept: (_: number, socket: Duplex) => void web.emit('connection', socket),
      [Symbol.dispose]: () => web.closeAllConnections(),
    },
  });
};
