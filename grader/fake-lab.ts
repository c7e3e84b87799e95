import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { promisify } from 'node:util';
import {
  type ExecOptions,
  type ExecResult,
  type Host,
  type KubeAccess,
  type Lab,
  LabError,
  type Vantage,
} from '../clusters/cluster.ts';
import type { HostName } from '../protocol/host.ts';
import { LabId } from '../protocol/ids.ts';
import type { BackendName, Identity } from '../protocol/scenario.ts';

/** What the fake API server is asked. */
export interface FakeCall {
  /** The identity whose credentials came, as JSON. */
  readonly as: string;
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly body: unknown;
}

export interface FakeAnswer {
  readonly status: number;
  readonly body: unknown;
}

export interface FakeHost {
  readonly files?: Record<string, { content: string; mode: number }>;
  /** By `to:port`: a port of loopback that answers, or how the connection fails. What is not named is refused. */
  readonly ports?: Record<string, number | 'refused' | 'timeout' | 'unreachable' | 'unresolved'>;
  readonly exec?: (
    argv: readonly string[],
    options: ExecOptions,
  ) => Promise<Partial<Record<'stdout' | 'stderr', string>> & { exitCode: number }>;
}

export interface FakeLabOptions {
  readonly hosts?: Partial<Record<HostName, FakeHost>>;
  /** The ports that a stranger on the internet finds. */
  readonly stranger?: NonNullable<FakeHost['ports']>;
  readonly api?: (call: FakeCall) => FakeAnswer;
  readonly etcd?: Map<string, Uint8Array>;
  readonly backend?: BackendName;
  readonly onReset?: () => void;
  readonly onDispose?: () => void;
}

const run = promisify(execFile);

/** The parts of `FakeLab` that cost something: a certificate and an HTTPS server on loopback, shared by the tests of a file. */
export class FakeApiServer implements AsyncDisposable {
  readonly server: Server;
  readonly certificate: string;
  answer: (call: FakeCall) => FakeAnswer = () => ({ status: 404, body: {} });

  private constructor(key: string, certificate: string) {
    this.certificate = certificate;
    this.server = createServer({ key, cert: certificate }, (request, response) => void this.#serve(request, response));
  }

  static async start(): Promise<FakeApiServer> {
    const folder = await mkdtemp(join(tmpdir(), 'fake-api-'));
    try {
      const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
      const subject = ['-subj', '/CN=kube-apiserver', '-addext', 'subjectAltName=IP:127.0.0.1'];
      const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
      await run('openssl', ['req', ...kind, ...subject, '-keyout', key, '-out', certificate]);
      const api = new FakeApiServer(await readFile(key, 'utf8'), await readFile(certificate, 'utf8'));
      await new Promise<void>((resolve) => api.server.listen(0, '127.0.0.1', resolve));
      return api;
    } finally {
      await rm(folder, { recursive: true });
    }
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const text = (await request.toArray()).join('');
    const { status, body } = this.answer({
      as: request.headers.authorization?.replace('Bearer ', '') ?? '"anonymous"',
      method: request.method ?? '',
      path: request.url ?? '',
      body: text === '' ? undefined : (JSON.parse(text) as unknown),
    });
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.server.closeAllConnections();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }
}

/** A lab made of maps and functions that keeps the contract of clusters/cluster.ts as far as the grader uses it. */
export class FakeLab implements Lab {
  readonly id = LabId.parse('aaaaaaaaaa');
  readonly backend: BackendName;
  readonly #options: FakeLabOptions;
  readonly #api: FakeApiServer;

  constructor(api: FakeApiServer, options: FakeLabOptions) {
    this.#api = api;
    this.#options = options;
    this.backend = options.backend ?? 'simulated';
    api.answer = options.api ?? (() => ({ status: 404, body: {} }));
  }

  async host(name: HostName): Promise<Host> {
    const host = this.#options.hosts?.[name];
    if (host === undefined) throw new LabError(`the lab has no host ${name}`, 'Choose another.');
    return fakeHost(name, host);
  }

  /** The identity itself, as JSON, is the bearer token. */
  async kubeAccess(identity: Identity): Promise<KubeAccess> {
    return {
      server: `https://127.0.0.1:${this.#api.port}`,
      certificateAuthority: this.#api.certificate,
      credential: identity === 'anonymous' ? { kind: 'none' } : { kind: 'token', token: JSON.stringify(identity) },
    };
  }

  async readEtcd(key: string): Promise<Uint8Array | undefined> {
    return this.#options.etcd?.get(key);
  }

  async stranger(): Promise<Vantage> {
    const { stranger } = this.#options;
    if (stranger === undefined) throw new LabError('the lab is not on the internet', 'Choose another.');
    return fakeHost('internet', { ports: stranger });
  }

  async reset(): Promise<void> {
    this.#options.onReset?.();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#options.onDispose?.();
  }
}

function fakeHost(name: HostName, { files = {}, ports = {}, exec }: FakeHost): Host {
  return {
    name,
    async exec(argv, options): Promise<ExecResult> {
      if (exec === undefined) throw new LabError(`${name} runs nothing`, 'Give the fake an exec.');
      const { exitCode, stdout = '', stderr = '' } = await exec(argv, options);
      return { exitCode, stdout: Buffer.from(stdout), stderr: Buffer.from(stderr), truncated: false };
    },
    async readFile(path, { maxBytes }) {
      const file = files[path];
      if (file === undefined) return { outcome: 'absent' };
      const content = Buffer.from(file.content);
      return {
        outcome: 'read',
        content: content.subarray(0, maxBytes),
        mode: file.mode,
        truncated: content.length > maxBytes,
      };
    },
    async writeFile(path, content, { mode }) {
      files[path] = { content: Buffer.from(content).toString('utf8'), mode };
    },
    async openShell() {
      return {
        output: new PassThrough(),
        resumed: false,
        write: async () => {},
        resize: () => {},
        exited: Promise.resolve(0),
        kill: async () => {},
        [Symbol.asyncDispose]: async () => {},
      };
    },
    async dial(to, port, signal) {
      const state = ports[`${to}:${port}`] ?? 'refused';
      if (typeof state === 'string') return { outcome: state, detail: `fake ${state}` };
      const socket = connect(state, '127.0.0.1');
      await new Promise<void>((resolve, reject) => {
        socket.once('connect', resolve);
        socket.once('error', reject);
        signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
      });
      return { outcome: 'open', socket };
    },
  };
}
