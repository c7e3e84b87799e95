import { connect, type TLSSocket } from 'node:tls';

/**
 * The load of `bench api`, run as a process of its own so that it does not share the server's core. Reads one JSON job from its
 * first argument, prints one JSON result a phase. Speaks plain HTTP/1.1 over kept connections, which costs the client least.
 */
interface Job {
  readonly port: number;
  readonly certificateAuthority: string;
  readonly certificate: string;
  readonly key: string;
  readonly connections: number;
  /** Seconds a phase. */
  readonly seconds: number;
}

export interface PhaseResult {
  readonly name: string;
  readonly requests: number;
  readonly seconds: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  readonly failures: number;
}

/** Printed before each phase, so that whoever runs this process can measure its own work from there. */
export interface PhaseBegin {
  readonly begins: string;
}

const WARM_UP = 'warm';
const HEAD_END = Buffer.from('\r\n\r\n');

/** One connection that carries one request at a time. */
class Connection {
  readonly #socket: TLSSocket;
  #chunks: Buffer[] = [];
  #size = 0;
  #wanted = -1;
  #status = 0;
  #done: ((status: number) => void) | undefined;

  constructor(socket: TLSSocket) {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
    socket.on('error', () => this.#finish(0));
  }

  send(request: string | Buffer): Promise<number> {
    return new Promise((resolve) => {
      this.#done = resolve;
      this.#socket.write(request);
    });
  }

  end(): void {
    this.#socket.destroy();
  }

  #read(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    if (this.#wanted < 0) {
      const head = Buffer.concat(this.#chunks);
      const end = head.indexOf(HEAD_END);
      if (end < 0) return;
      const text = head.subarray(0, end).toString('latin1');
      this.#status = Number(text.slice(9, 12));
      const length = /content-length: (\d+)/i.exec(text)?.[1] ?? '0';
      this.#wanted = end + 4 + Number(length);
    }
    if (this.#size >= this.#wanted) this.#finish(this.#status);
  }

  #finish(status: number): void {
    this.#chunks = [];
    this.#size = 0;
    this.#wanted = -1;
    const done = this.#done;
    this.#done = undefined;
    done?.(status);
  }
}

const message = (method: string, path: string, body = '', type = 'application/json'): string =>
  `${method} ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: bench\r\nAccept: application/json\r\n${
    body === '' ? '' : `Content-Type: ${type}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n`
  }\r\n${body}`;

const NAMESPACE = '/api/v1/namespaces/default/configmaps';
const configMap = (name: string): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, labels: { app: 'bench', tier: 'load' } },
    data: { 'settings.yaml': 'x'.repeat(300), colour: 'green' },
  });

async function open(job: Job): Promise<Connection> {
  const socket = connect({
    host: '127.0.0.1',
    port: job.port,
    ca: job.certificateAuthority,
    cert: job.certificate,
    key: job.key,
    ALPNProtocols: ['http/1.1'],
  });
  socket.setNoDelay(true);
  await new Promise<void>((connected, failed) => {
    socket.once('secureConnect', connected);
    socket.once('error', failed);
  });
  return new Connection(socket);
}

async function phase(
  name: string,
  connections: readonly Connection[],
  seconds: number,
  request: (index: number) => string,
  most = Infinity,
): Promise<PhaseResult> {
  if (name !== WARM_UP) process.stdout.write(`${JSON.stringify({ begins: name })}\n`);
  const took: number[] = [];
  let failures = 0;
  let next = 0;
  const begin = performance.now();
  const end = begin + seconds * 1000;
  await Promise.all(
    connections.map(async (connection) => {
      while (performance.now() < end && next < most) {
        const text = request(next++);
        const sent = performance.now();
        const status = await connection.send(text);
        took.push(performance.now() - sent);
        if (status < 200 || status > 299) failures++;
      }
    }),
  );
  const elapsed = (performance.now() - begin) / 1000;
  took.sort((a, b) => a - b);
  const at = (share: number): number => Number((took[Math.floor((took.length - 1) * share)] ?? 0).toFixed(3));
  return { name, requests: took.length, seconds: elapsed, p50: at(0.5), p99: at(0.99), failures };
}

async function run(job: Job): Promise<void> {
  const report = (result: PhaseResult): void => void process.stdout.write(`${JSON.stringify(result)}\n`);
  const connections = await Promise.all(Array.from({ length: job.connections }, () => open(job)));
  for (let i = 0; i < 100; i++) await connections[0]!.send(message('POST', NAMESPACE, configMap(`seed-${i}`)));
  const patchOf = (index: number): string =>
    message(
      'PATCH',
      `${NAMESPACE}/seed-${index % 100}`,
      JSON.stringify({ metadata: { annotations: { round: String(index) } }, data: { colour: `c${index}` } }),
      'application/strategic-merge-patch+json',
    );
  await phase(WARM_UP, connections, 1, (index) => message('GET', `${NAMESPACE}/seed-${index % 100}`));
  await phase(WARM_UP, connections, 1, patchOf);
  report(await phase('get', connections, job.seconds, (index) => message('GET', `${NAMESPACE}/seed-${index % 100}`)));
  report(await phase('list-100', connections, job.seconds, () => message('GET', NAMESPACE)));
  report(await phase('patch', connections, job.seconds, patchOf));
  report(
    await phase('create', connections, job.seconds, (index) => message('POST', NAMESPACE, configMap(`made-${index}`))),
  );
  report(
    await phase('get-sequential', connections.slice(0, 1), job.seconds, (index) =>
      message('GET', `${NAMESPACE}/seed-${index % 100}`),
    ),
  );
  for (const connection of connections) connection.end();
}

const job = process.argv[2];
if (job !== undefined) await run(JSON.parse(job) as Job);
