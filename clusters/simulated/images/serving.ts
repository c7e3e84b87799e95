import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Image } from './image.ts';

const NGINX_PAGE = `<!DOCTYPE html>
<html>
<head>
<title>Welcome to nginx!</title>
</head>
<body>
<h1>Welcome to nginx!</h1>
<p>This page is served by the lab's model of the image.</p>
</body>
</html>
`;

const MAX_HEADER_BYTES = 16 * 1024;
const REQUEST_TIMEOUT_MS = 10_000;

/** One HTTP server takes the connections of every modelled web server of the process; the image is told by the socket. */
const web = createServer({ maxHeaderSize: MAX_HEADER_BYTES, requestTimeout: REQUEST_TIMEOUT_MS }, answer);
const served = new WeakMap<Duplex, Image>();

/** Hands a connection to the process of an image that listens on that port; resets it where none does. */
export function serveFrom(image: Image, port: number, socket: Duplex): void {
  if (!image.listens.includes(port)) {
    if (socket instanceof Socket) socket.resetAndDestroy();
    else socket.destroy();
    return;
  }
  socket.on('error', () => socket.destroy());
  if (port === 80 || port === 8080) {
    served.set(socket, image);
    web.emit('connection', socket);
    return;
  }
  // Who speaks no HTTP is known to listen, no more: the connection opens and ends without a word.
  socket.end();
}

function answer(request: IncomingMessage, response: ServerResponse): void {
  const image = served.get(request.socket);
  const name = image?.repository === 'httpd' ? 'Apache/2.4.62 (Unix)' : 'nginx/1.27.5';
  const found = request.url === '/' || request.url === '/index.html';
  const body = image?.repository === 'httpd' ? '<html><body><h1>It works!</h1></body></html>\n' : NGINX_PAGE;
  response.writeHead(found ? 200 : 404, { server: name, 'content-type': 'text/html' });
  response.end(
    found
      ? body
      : `<html>\n<head><title>404 Not Found</title></head>\n<body>\n<center><h1>404 Not Found</h1></center>\n</body>\n</html>\n`,
  );
}
