import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { watch as watchFolder } from 'node:fs';
import {
  appendFile,
  chmod,
  lstat,
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  readlink,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { HostName } from '../../../protocol/host.ts';
import type { DialResult, ExecOptions, ExecResult, FileRead, Shell, ShellOptions } from '../../cluster.ts';
import type { DaemonLook, HostDaemon } from '../hosts/host-daemon.ts';
import type { Command, LiveProgram, ProgramOptions, SimulatedHost, TerminalOptions } from '../hosts/simulated-host.ts';
import type { TemplateEntry } from '../hosts/template-entry.ts';
import type { NodePathKind } from '../hosts/node-path-kind.ts';

/**
 * A host for tests of daemons: a temporary folder as its file system, bubblewrap for its programs, and loopback for its network,
 * where each port it is asked for is an ephemeral one (`portOf`). It has no namespace of its own and keeps nobody out.
 */
export class FolderHost implements SimulatedHost, AsyncDisposable {
  readonly name: HostName;
  readonly addresses = { lan: '127.0.0.1' };
  readonly #root: string;
  /** What is shown of modelled daemons, by process number: tests signal and kill these. */
  readonly processes = new Map<number, DaemonLook>();
  readonly #listening = new Map<string, { readonly server: Server; readonly port: number }>();
  readonly #commands = new Map<string, Command>();
  readonly #servers = new Set<Server>();
  #written = 0;
  #shown = 0;

  private constructor(name: HostName, root: string) {
    this.name = name;
    this.#root = root;
  }

  /** `files` by absolute path, laid over what is installed; the folder of the machine's own units cannot be written. */
  static async create(
    name: HostName,
    files: Readonly<Record<string, string>> = {},
    installed: readonly TemplateEntry[] = [],
  ): Promise<FolderHost> {
    const host = new FolderHost(name, await mkdtemp(join(tmpdir(), 'folder-host-')));
    for (const folder of ['etc/systemd/system', 'run', 'root', 'tmp', 'var/lib']) {
      await mkdir(join(host.#root, folder), { recursive: true });
    }
    for (const name of ['bin', 'sbin', 'lib', 'lib64']) await symlink(`usr/${name}`, host.pathOf(name));
    for (const { kind, path, mode, data } of installed) {
      if (/^(?:\/usr)?\/lib\//.test(path)) continue;
      if (kind === 'link') await host.makeLink(path, String(data));
      else if (kind === 'file') await host.writeFile(path, Buffer.from(data), { mode });
    }
    for (const [path, text] of Object.entries(files)) await host.write(path, text);
    return host;
  }

  write(path: string, text: string, mode = 0o644): Promise<void> {
    return this.writeFile(path, Buffer.from(text), { mode });
  }

  /** The loopback port behind a port of this host; undefined while nothing listens there. */
  portOf(port: number): number | undefined {
    const found = this.#listening.get(`${port}`);
    return found?.server.listening === true ? found.port : undefined;
  }

  /** Where a path of this host lies on the machine. */
  pathOf(path: string): string {
    return join(this.#root, path);
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

  #bwrap(argv: readonly string[], cwd: string): string[] {
    const mounts = ['--bind', this.#root, '/', '--ro-bind', '/usr', '/usr', '--proc', '/proc', '--dev', '/dev'];
    return [...mounts, '--unshare-pid', '--die-with-parent', '--chdir', cwd, '--', ...argv];
  }

  async exec(argv: readonly string[], options: ExecOptions): Promise<ExecResult> {
    const child = spawn('bwrap', this.#bwrap(argv, options.cwd ?? '/'), {
      env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', ...options.env },
      signal: options.signal,
      killSignal: 'SIGKILL',
    });
    child.stdin.on('error', () => {}); // a program may end before it has read its input
    child.stdin.end(options.stdin ?? '');
    const [stdout, stderr, [code]] = await Promise.all([
      buffer(child.stdout),
      buffer(child.stderr),
      once(child, 'close'),
    ]);
    const exitCode = typeof code === 'number' ? code : 137;
    return {
      exitCode,
      stdout,
      stderr,
      truncated: false,
    };
  }

  async spawn(argv: readonly string[], options: ProgramOptions): Promise<LiveProgram> {
    const child = spawn('bwrap', this.#bwrap(argv, options.cwd ?? '/root'), {
      env: { PATH: '/usr/local/bin:/usr/bin:/bin', ...options.env },
      signal: options.signal,
      killSignal: 'SIGKILL',
    });
    child.on('error', () => {}); // an abort, which the caller asked for
    const exited = once(child, 'close').then(([code]) => (typeof code === 'number' ? code : 137));
    return { stdin: child.stdin, stdout: child.stdout, stderr: child.stderr, exited };
  }

  async readFile(path: string, { maxBytes }: { maxBytes: number }): Promise<FileRead> {
    const status = await lstat(this.pathOf(path)).catch(() => undefined);
    if (status === undefined) return { outcome: 'absent' };
    if (!status.isFile()) return { outcome: 'refused', reason: 'not a regular file' };
    const content = await readFile(this.pathOf(path));
    return {
      outcome: 'read',
      content: content.subarray(0, maxBytes),
      mode: status.mode & 0o7777,
      truncated: content.length > maxBytes,
    };
  }

  async writeFile(path: string, content: Uint8Array, { mode }: { mode: number }): Promise<void> {
    await mkdir(dirname(this.pathOf(path)), { recursive: true });
    const fresh = join(this.#root, `fresh-${++this.#written}`); // appears whole, so that nobody reads half of it
    await writeFile(fresh, content);
    await chmod(fresh, mode);
    await rename(fresh, this.pathOf(path));
  }

  openShell(options: ShellOptions): Promise<Shell> {
    return this.openTerminal(['bash', '--norc'], options);
  }

  async openTerminal(argv: readonly string[], options: ShellOptions & TerminalOptions): Promise<Shell> {
    const quoted = argv.map((word) => `'${word.replaceAll("'", String.raw`'\''`)}'`).join(' ');
    const child = spawn('bwrap', this.#bwrap(['script', '-qefc', quoted, '/dev/null'], options.cwd ?? '/root'), {
      env: { PATH: '/usr/bin:/bin', TERM: 'dumb', PS1: '# ', ...options.env },
    });
    const output = new PassThrough();
    child.stdout.pipe(output);
    const exited = once(child, 'close').then(([code]) => (typeof code === 'number' ? code : 137));
    return {
      output,
      resumed: false,
      exited,
      write: async (keys) => void child.stdin.write(keys),
      resize: () => {},
      kill: async () => void child.kill('SIGKILL'),
      [Symbol.asyncDispose]: async () => void child.kill('SIGKILL'),
    };
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

  async watch(path: string, changed: () => void): Promise<Disposable> {
    await mkdir(dirname(this.pathOf(path)), { recursive: true });
    const watcher = watchFolder(dirname(this.pathOf(path)), changed);
    return { [Symbol.dispose]: () => watcher.close() };
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

  /** Its process is nothing but a number, the first being 101. */
  newDaemon(): HostDaemon {
    let pid: number | undefined;
    return {
      get pid() {
        return pid;
      },
      listen: (port) => this.listen(port),
      listenUnix: (path, mode) => this.listenUnix(path, mode),
      appear: async (look) => {
        pid ??= 101 + this.#shown++;
        this.processes.set(pid, look);
      },
      leave: async () => void (pid !== undefined && this.processes.delete(pid)),
    };
  }

  async appendFile(path: string, text: string, { mode }: { mode: number }): Promise<void> {
    await mkdir(dirname(this.pathOf(path)), { recursive: true });
    await appendFile(this.pathOf(path), text, { mode });
  }

  async fileSize(path: string): Promise<number | undefined> {
    const status = await stat(this.pathOf(path)).catch(() => undefined);
    return status?.isFile() === true ? status.size : undefined;
  }

  async makeLink(path: string, target: string): Promise<void> {
    await mkdir(dirname(this.pathOf(path)), { recursive: true });
    await rm(this.pathOf(path), { force: true });
    await symlink(target, this.pathOf(path));
  }

  async listTree(folders: readonly string[]): Promise<ReadonlyMap<string, string | undefined>> {
    const found = new Map<string, string | undefined>();
    for (const folder of folders) {
      const root = this.pathOf(folder);
      const entries = await readdir(root, { withFileTypes: true, recursive: true }).catch(() => []);
      for (const entry of entries) {
        const at = join(entry.parentPath, entry.name);
        const path = `${folder}/${relative(root, at)}`;
        if (entry.isSymbolicLink()) found.set(path, await readlink(at));
        else if (entry.isFile()) found.set(path, undefined);
      }
    }
    return found;
  }

  async pathKind(path: string, make: 'folder' | 'file' | undefined): Promise<NodePathKind> {
    const status = await stat(this.pathOf(path)).catch(() => undefined);
    if (status !== undefined) return status.isDirectory() ? 'folder' : status.isFile() ? 'file' : 'else';
    if (make === 'folder') await mkdir(this.pathOf(path), { recursive: true });
    else if (make === 'file') await this.write(path, '');
    return make ?? 'absent';
  }

  async listFolder(path: string): Promise<readonly string[] | undefined> {
    return readdir(this.pathOf(path)).catch(() => undefined);
  }

  removeFile(path: string): Promise<void> {
    return rm(this.pathOf(path), { force: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const server of this.#servers) server.close();
    await rm(this.#root, { recursive: true, force: true });
  }
}
