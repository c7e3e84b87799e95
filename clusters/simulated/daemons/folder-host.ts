import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import type { HostName } from '../../../protocol/host.ts';
import type { DialResult, ExecOptions, ExecResult, Shell, ShellOptions } from '../../cluster.ts';
import type { DaemonLook, HostDaemon } from '../hosts/host-daemon.ts';
import type { Command, LiveProgram, ProgramOptions, SimulatedHost, TerminalOptions } from '../hosts/simulated-host.ts';
import type { TemplateEntry } from '../hosts/template-entry.ts';
import { FolderFiles } from './folder-files.ts';
import { FolderPrograms } from './folder-programs.ts';

/**
 * A host for tests of daemons: a temporary folder as its file system, bubblewrap for its programs, and loopback for its network,
 * where each port it is asked for is an ephemeral one (`portOf`). It has no namespace of its own and keeps nobody out.
 */
export class FolderHost extends FolderFiles implements SimulatedHost, AsyncDisposable {
  readonly name: HostName;
  readonly addresses = { lan: '127.0.0.1' };
  readonly #programs: FolderPrograms;
  /** What is shown of modelled daemons, by process number: tests signal and kill these. */
  readonly processes = new Map<number, DaemonLook>();
  readonly #listening = new Map<string, { readonly server: Server; readonly port: number }>();
  readonly #commands = new Map<string, Command>();
  /** What was to be done before a first look, which is at once; its folder is kept until it has been. */
  readonly #prepared: Promise<void>[] = [];
  readonly #servers = new Set<Server>();
  #shown = 0;

  private constructor(name: HostName, root: string) {
    super(root);
    this.name = name;
    this.#programs = new FolderPrograms(root);
  }

  /** `files` by absolute path, laid over what is installed. */
  static async create(
    name: HostName,
    files: Readonly<Record<string, string>> = {},
    installed: readonly TemplateEntry[] = [],
  ): Promise<FolderHost> {
    const host = new FolderHost(name, await mkdtemp(join(tmpdir(), 'folder-host-')));
    for (const folder of ['etc/systemd/system', 'run', 'root', 'tmp', 'var/lib']) {
      await mkdir(join(host.root, folder), { recursive: true });
    }
    await mkdir(host.pathOf('/usr/lib'), { recursive: true });
    for (const name of ['bin', 'sbin', 'lib', 'lib64']) await symlink(`usr/${name}`, host.pathOf(name));
    for (const { kind, path, mode, data } of installed) {
      if (kind === 'link') await host.makeLink(path, String(data));
      else if (kind === 'file') await host.writeFile(path, Buffer.from(data), { mode });
    }
    for (const [path, text] of Object.entries(files)) await host.write(path, text);
    return host;
  }

  /** The loopback port behind a port of this host; undefined while nothing listens there. */
  portOf(port: number): number | undefined {
    const found = this.#listening.get(`${port}`);
    return found?.server.listening === true ? found.port : undefined;
  }

  /** Calls an installed command as a shell without a terminal would. */
  async call(name: string, args: readonly string[], options: { signal?: AbortSignal; stdin?: string } = {}) {
    const run = this.#commands.get(name);
    if (run === undefined) throw new Error(`${name} is not installed on this host`);
    let stdout = '';
    let stderr = '';
    const code = await run({
      host: this.name,
      args,
      cwd: '/root',
      env: {},
      stdin: Readable.from([options.stdin ?? '']),
      columns: undefined,
      signal: options.signal ?? new AbortController().signal,
      stdout: async (text) => void (stdout += Buffer.from(text).toString()),
      stderr: async (text) => void (stderr += Buffer.from(text).toString()),
    });
    return { code, stdout, stderr };
  }

  exec(argv: readonly string[], options: ExecOptions): Promise<ExecResult> {
    return this.#programs.exec(argv, options);
  }

  spawn(argv: readonly string[], options: ProgramOptions): Promise<LiveProgram> {
    return this.#programs.spawn(argv, options);
  }

  /** Nothing observes what runs in a folder. */
  hearPrograms(): Disposable {
    return { [Symbol.dispose]: () => undefined };
  }

  openShell(options: ShellOptions): Promise<Shell> {
    return this.openTerminal(['bash', '--norc'], options);
  }

  openTerminal(argv: readonly string[], options: ShellOptions & TerminalOptions): Promise<Shell> {
    return this.#programs.openTerminal(argv, options);
  }

  async dial(_to: string, port: number, _signal: AbortSignal): Promise<DialResult> {
    const real = this.portOf(port);
    if (real === undefined) return { outcome: 'refused', detail: 'connection refused' };
    const socket = connect(real, '127.0.0.1');
    await once(socket, 'connect');
    return { outcome: 'open', socket };
  }

  async listen(port: number, _address?: string): Promise<Server> {
    if (this.portOf(port) !== undefined) throw Object.assign(new Error('address in use'), { code: 'EADDRINUSE' });
    return this.#serve(`${port}`, (server) => server.listen(0, '127.0.0.1'));
  }

  async listenUnix(path: string, mode: number): Promise<Server> {
    await mkdir(dirname(this.pathOf(path)), { recursive: true });
    await rm(this.pathOf(path), { force: true });
    const server = await this.#serve(path, (server) => server.listen(this.pathOf(path)));
    await chmod(this.pathOf(path), mode);
    return server;
  }

  async #serve(key: string, listen: (server: Server) => void): Promise<Server> {
    const server = createServer();
    listen(server);
    await once(server, 'listening');
    const address = server.address();
    this.#listening.set(key, { server, port: typeof address === 'object' && address !== null ? address.port : 0 });
    this.#servers.add(server);
    return server;
  }

  async installCommand(name: string, run: Command): Promise<void> {
    this.#commands.set(name, run);
  }

  async installProgram(path: string, run: Command): Promise<void> {
    this.#commands.set(basename(path), run);
  }

  async placeProgram(): Promise<void> {}

  hasProgram(): Promise<boolean> {
    return Promise.resolve(true);
  }

  /** It may be looked into at any time. */
  beforeFirstProgram(): Disposable {
    return { [Symbol.dispose]: () => undefined }; // its daemons' processes are not to be seen
  }

  beforeFirstLook(_folder: string, prepare: () => Promise<void>): Disposable {
    this.#prepared.push(prepare());
    return { [Symbol.dispose]: () => undefined };
  }

  /** Its process is nothing but a number, the first being 101. */
  newDaemon(): HostDaemon {
    let pid: number | undefined;
    return {
      get pid() {
        return pid;
      },
      listen: (port) => this.listen(port),
      listenWhenSeen: async (port, _address, take) => take(await this.listen(port)),
      listenUnix: (path, mode) => this.listenUnix(path, mode),
      appear: async (look) => {
        pid ??= 101 + this.#shown++;
        this.processes.set(pid, look);
      },
      leave: async () => void (pid !== undefined && this.processes.delete(pid)),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const server of this.#servers) server.close();
    await Promise.all(this.#prepared);
    await rm(this.root, { recursive: true, force: true });
  }
}
