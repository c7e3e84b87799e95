import {
  type Backend,
  type FileRead,
  type Host,
  type Lab,
  LabError,
  type LabRequest,
  type Vantage,
} from '../../clusters/cluster.ts';
import { RenamedLab } from '../../clusters/renamed-lab.ts';
import type { HostName } from '../../protocol/host.ts';
import type { LabId } from '../../protocol/ids.ts';
import { FakeProgram } from './fake-shell.ts';
import { unlessAborted } from './given-up.ts';

interface Stored {
  readonly content: Buffer;
  readonly mode: number;
}

/** A lab in memory: files, and shells with a small program in them. It simulates nothing else and says so. */
export class FakeLab implements Lab {
  readonly backend = 'simulated';
  readonly id: LabId;
  readonly #request: LabRequest;
  readonly #hosts = new Map<HostName, FakeHost>();
  /** Tests make `reset` wait or fail by it. */
  beforeReset: (signal: AbortSignal) => Promise<void> = async () => {};
  disposed = false;

  constructor(request: LabRequest) {
    this.id = request.id;
    this.#request = request;
    this.#seed();
  }

  async host(name: HostName): Promise<Host> {
    const host = this.#hosts.get(name);
    if (host === undefined)
      throw new LabError(`The lab has no host ${name}.`, `It has: ${[...this.#hosts.keys()].join(', ')}.`);
    return host;
  }

  async kubeAccess() {
    return { server: 'https://127.0.0.1:1', certificateAuthority: 'PEM', credential: { kind: 'none' } } as const;
  }

  async readEtcd(): Promise<Uint8Array | undefined> {
    return undefined;
  }

  stranger(): Promise<Vantage> {
    return this.host('internet');
  }

  async reset(signal: AbortSignal): Promise<void> {
    await unlessAborted(this.beforeReset(signal), signal);
    this.#end();
    this.#seed();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.disposed = true;
    this.#end();
  }

  #seed(): void {
    const { hosts, files } = this.#request.seed;
    for (const name of hosts) this.#hosts.set(name, new FakeHost(name));
    for (const { host, path, content, mode } of files) void this.#hosts.get(host)?.writeFile(path, content, { mode });
  }

  #end(): void {
    for (const host of this.#hosts.values()) host.end();
    this.#hosts.clear();
  }
}

class FakeHost implements Host {
  readonly name: HostName;
  readonly #files = new Map<string, Stored>();
  readonly #programs = new Map<string, FakeProgram>();

  constructor(name: HostName) {
    this.name = name;
  }

  async exec(argv: readonly string[]) {
    const stderr = Buffer.from(`not simulated: ${argv.join(' ')}\n`);
    return { exitCode: 127, stdout: Buffer.alloc(0), stderr, truncated: false };
  }

  async readFile(path: string, { maxBytes }: { maxBytes: number }): Promise<FileRead> {
    const file = this.#files.get(path);
    if (file === undefined) return { outcome: 'absent' };
    const content = file.content.subarray(0, maxBytes);
    return { outcome: 'read', content, mode: file.mode, truncated: content.length < file.content.length };
  }

  async writeFile(path: string, content: Uint8Array, { mode }: { mode: number }): Promise<void> {
    this.#files.set(path, { content: Buffer.from(content), mode });
  }

  async openShell(options: { session: string; cols: number; rows: number }) {
    const running = this.#programs.get(options.session);
    if (running !== undefined && !running.ended) return running.attach(options, true);
    const program = new FakeProgram(options, (fixed) => {
      if (fixed) this.#files.set('/fixed', { content: Buffer.alloc(0), mode: 0o644 });
      else this.#files.delete('/fixed');
    });
    this.#programs.set(options.session, program);
    return program.attach(options, false);
  }

  async dial() {
    return { outcome: 'unreachable', detail: 'not simulated: a network' } as const;
  }

  end(): void {
    for (const program of this.#programs.values()) program.end(137);
  }
}

/** Labs in memory, for tests of what stands on top of a backend. */
export class FakeBackend implements Backend {
  readonly name = 'simulated';
  readonly labs = new Map<LabId, FakeLab>();
  /** Tests make `create` wait or fail by it. */
  beforeCreate: (request: LabRequest) => Promise<void> = async () => {};

  async create(request: LabRequest): Promise<FakeLab> {
    request.progress('filling the memory');
    await unlessAborted(this.beforeCreate(request), request.signal);
    const lab = new FakeLab(request);
    this.labs.set(lab.id, lab);
    return lab;
  }

  async handOver(lab: Lab, id: LabId): Promise<Lab> {
    return new RenamedLab(id, lab);
  }

  async adopt(): Promise<readonly FakeLab[]> {
    return [...this.labs.values()].filter(({ disposed }) => !disposed);
  }

  async doctor() {
    return [];
  }
}
