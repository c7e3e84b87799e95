import { createServer, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { type GoFlag, parseGoFlags } from './go-flags.ts';
import type { Model } from './model.ts';

const LISTEN: GoFlag = { kind: 'string', usual: ':5678', usage: 'address and port to listen' };
const TEXT: GoFlag = { kind: 'string', usual: '', usage: 'text to put on the webpage' };
const VERSION: GoFlag = { kind: 'bool', usual: 'false', usage: 'display version information' };
const STATUS: GoFlag = { kind: 'int', usual: '200', usage: 'http response code, e.g.: 200' };

/** The releases before 1.0 have neither a status nor a text of their own. */
const isOld = (tag: string): boolean => tag.startsWith('0.');

/** hashicorp/http-echo: one text for every path, and its health (github.com/hashicorp/http-echo, main.go and handlers.go). */
export const httpEcho: Model = ({ tag, argv, env, log, now }) => {
  const [program = '/http-echo', ...args] = argv;
  const version = /^\d+\.\d+\.\d+$/.test(tag) ? tag : isOld(tag) ? '0.2.3' : '1.0.0';
  const flags = { listen: LISTEN, text: TEXT, version: VERSION, ...(isOld(tag) ? {} : { 'status-code': STATUS }) };
  const ended = (exitCode: number, ...lines: readonly string[]): ReturnType<Model> => {
    for (const line of lines) log(line, 'stderr');
    return Promise.resolve({ exitCode });
  };
  const parsed = parseGoFlags(program, args, flags);
  if (parsed.outcome === 'ended') return ended(parsed.exitCode, ...parsed.lines);
  const { values, rest } = parsed;
  if (values['version'] === 'true') return ended(0, `http-echo v${version}`);
  const text = values['text'] || (isOld(tag) ? '' : (env['ECHO_TEXT'] ?? 'hello-world'));
  if (text === '')
    return ended(127, isOld(tag) ? 'Missing -text option!' : 'Missing -text option OR ENV var TEXT is empty!');
  if (rest.length > 0) return ended(127, 'Too many arguments!');
  const date = (): string => new Date(now()).toISOString().slice(0, 19).replaceAll('-', '/').replace('T', ' ');
  const listen = values['listen'] ?? '';
  const port = Number(/:(\d{1,5})$/.exec(listen)?.[1]);
  log(`${date()} [INFO] server is listening on ${listen}`, 'stderr');
  if (!(port > 0 && port < 65_536)) {
    const why = listen.includes(':')
      ? `lookup tcp/${listen.replace(/^.*:/, '')}: unknown port`
      : `address ${listen}: missing port in address`;
    return ended(1, `${date()} [ERR] server exited with: listen tcp: ${why}`);
  }
  const status = Number(values['status-code'] ?? 200);
  const answer = (response: ServerResponse, code: number, body: string): void => {
    response.writeHead(code, {
      'X-App-Name': 'http-echo',
      'X-App-Version': version,
      'Content-Length': Buffer.byteLength(body),
      'Content-Type': 'text/plain; charset=utf-8',
    });
    response.end(body);
  };
  const web = createServer({ maxHeaderSize: 16 * 1024, requestTimeout: 10_000 }, (request, response) => {
    const began = now();
    const { url = '/', method, headers, socket } = request;
    request.resume();
    const [path = '/'] = url.split('?');
    if (path === '/health') return answer(response, 200, '{"status":"ok"}\n');
    const body = `${text}\n`;
    const from = `${socket.remoteAddress ?? ''}:${socket.remotePort ?? ''}`;
    answer(response, status, body);
    log(
      `${date()} ${headers.host ?? ''} ${from} "${method} ${path} HTTP/${request.httpVersion}" ${status} ${Buffer.byteLength(body)} "${headers['user-agent'] ?? ''}" ${now() - began === 0 ? '0s' : `${now() - began}ms`}`,
    );
    return undefined;
  });
  return Promise.resolve({
    server: {
      listens: [port],
      accept: (_: number, socket: Duplex) => void web.emit('connection', socket),
      [Symbol.dispose]: () => web.closeAllConnections(),
    },
  });
};
