import { createServer, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Model, ModelContext, Started } from './model.ts';

/** Flags of its commands that a lab heeds, and their usual values. */
const PORTS = { netexec: ['http-port', 8080], 'serve-hostname': ['port', 9376] } as const;

/**
 * Kubernetes' own image for tests and tutorials: `pause`, `netexec` and `serve-hostname` over HTTP (kubernetes/kubernetes,
 * test/images/agnhost). Its other commands, and ports for UDP, are not modelled.
 */
export const agnhost: Model = (context) => {
  const { argv, log } = context;
  const [, command = '', ...args] = argv;
  if (command === 'pause') {
    log('Paused');
    return Promise.resolve({ server: { listens: [], accept: (_, socket) => void socket.destroy() } });
  }
  if (command !== 'netexec' && command !== 'serve-hostname') {
    log(`not simulated: agnhost ${command}; there are pause, netexec and serve-hostname`, 'stderr');
    return Promise.resolve({ exitCode: 1 });
  }
  const [name, usual] = PORTS[command];
  const flags = new Map(pairsOf(args));
  for (const flag of flags.keys())
    if (flag !== name) {
      log(`not simulated: --${flag} of agnhost ${command}`, 'stderr');
      return Promise.resolve({ exitCode: 1 });
    }
  const port = Number(flags.get(name) ?? usual);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    log(
      `Error: invalid argument ${JSON.stringify(flags.get(name))} for "--${name}" flag: strconv.ParseInt: parsing ${JSON.stringify(flags.get(name))}: invalid syntax`,
      'stderr',
    );
    return Promise.resolve({ exitCode: 1 });
  }
  return Promise.resolve(served(command, port, context));
};

/** `--name=value` and `--name value`. */
function pairsOf(args: readonly string[]): readonly (readonly [string, string])[] {
  const words = args.flatMap((arg) =>
    /^--?[\w-]+=/.test(arg) ? [arg.replace(/=.*$/s, ''), arg.replace(/^[^=]*=/s, '')] : [arg],
  );
  return words.flatMap((word, i) => (i % 2 === 0 ? [[word.replace(/^-+/, ''), words[i + 1] ?? ''] as const] : []));
}

interface Reply {
  readonly status: number;
  readonly body: string;
}

function served(command: keyof typeof PORTS, port: number, { env, now, log }: ModelContext): Started {
  const hostname = env['HOSTNAME'] ?? '';
  const began = now();
  log(command === 'netexec' ? `Started HTTP server on port ${port}` : 'Serving on port ' + port + '.');
  const web = createServer({ maxHeaderSize: 16 * 1024, requestTimeout: 10_000 }, (request, response) => {
    request.resume();
    const url = new URL(request.url ?? '/', 'http://agnhost');
    if (command === 'netexec') log(`GET ${url.pathname}`);
    const { status, body } =
      command === 'netexec' ? netexec(url, request, hostname, now() - began, now()) : { status: 200, body: hostname };
    response.writeHead(status, {
      'content-type': 'text/plain; charset=utf-8',
      'content-length': Buffer.byteLength(body),
    });
    response.end(body);
  });
  return {
    server: {
      listens: [port],
      accept: (_: number, socket: Duplex) => void web.emit('connection', socket),
      [Symbol.dispose]: () => web.closeAllConnections(),
    },
  };
}

/** test/images/agnhost/netexec/netexec.go; what runs programs or ends it is not modelled. */
function netexec(url: URL, { headers, socket }: IncomingMessage, hostname: string, up: number, at: number): Reply {
  const ok = (body: string): Reply => ({ status: 200, body });
  switch (url.pathname.toLowerCase()) {
    case '/clientip':
      return ok(`${socket.remoteAddress ?? ''}:${socket.remotePort ?? ''}`);
    case '/echo':
      return ok(url.searchParams.get('msg') ?? '');
    case '/header':
      return ok(String(headers[(url.searchParams.get('key') ?? '').toLowerCase()] ?? ''));
    case '/healthz':
      return ok('');
    case '/hostname':
      return ok(hostname);
    case '/dial':
    case '/exit':
    case '/redirect':
    case '/shell':
    case '/shutdown':
    case '/upload':
      return { status: 501, body: `not simulated: ${url.pathname} of agnhost netexec\n` };
    default: {
      const [date = '', time = ''] = new Date(at).toISOString().slice(0, -1).split('T');
      return ok(`NOW: ${date} ${time} +0000 UTC m=+${(up / 1000).toFixed(3)}`);
    }
  }
}
