import { isIPv4, type Server, type Socket } from 'node:net';
import type { DialResult, ExecOptions, ExecResult, FileRead, Shell, ShellOptions } from '../../cluster.ts';
import { HOST_NAMES, type HostName } from '../../../protocol/host.ts';
import type { ObservedCall } from './observed-call.ts';
import type { NodePathKind } from './node-path-kind.ts';
import type { HostDaemon } from './host-daemon.ts';
import { HostDaemons, isAmongPrograms } from './host-daemons.ts';
import { refuseUsers, serveCommands, serveVisitors } from './host-commands.ts';
import { openHostTerminal } from './host-shell.ts';
import { dialResult } from './dial-result.ts';
import { addressesOf, nearestAddress, networksOf } from './network-plan.ts';
import { runProgram, spawnProgram } from './program-run.ts';
import type {
  Command,
  LiveProgram,
  NetworkName,
  ProgramOptions,
  SimulatedHost,
  TerminalOptions,
} from './simulated-host.ts';
import type { Supervisor } from './supervisor.ts';
import { WatchedPrograms } from './watched-programs.ts';

/** Changes that come within so many milliseconds make one call: an editor saves in three or four steps. */
const SETTLE_MS = 10;

const MAX_HOSTS_FILE = 64 * 1024;

/** A host of a lab that is Linux namespaces on this machine. All it does is asked of the lab's supervisor. */
export class NamespaceHost implements SimulatedHost {
  readonly name: HostName;
  readonly addresses: Readonly<Partial<Record<NetworkName, string>>>;
  readonly #supervisor: Supervisor;
  readonly #daemons: HostDaemons;
  readonly #commands = new Map<string, Command>();
  /** Those that whoever is not root may call. */
  readonly #forUsers = new Map<string, Command>();
  readonly #visitors: (uid: number, socket: Socket) => void;
  readonly #fault: (error: unknown) => void;
  /** What is to be done before a program first runs in it, until one has. */
  readonly #preparations = new Set<() => Promise<void>>();
  #prepared: Promise<void> | undefined;
  readonly #programs: WatchedPrograms;

  /** `commands`: where its modelled commands call. */
  constructor(name: HostName, supervisor: Supervisor, commands: Server, fault: (error: unknown) => void) {
    this.name = name;
    this.addresses = addressesOf(name);
    this.#supervisor = supervisor;
    this.#fault = fault;
    this.#daemons = new HostDaemons(name, supervisor, fault);
    supervisor.lookers.set(name, () => this.#daemons.show());
    serveCommands(commands, name, this.#commands, fault);
    this.#visitors = serveVisitors(name, this.#forUsers, fault);
    this.#programs = new WatchedPrograms(name, supervisor.observer);
  }

  /** Serves a call of a user other than root. */
  admit(uid: number, socket: Socket): void {
    this.#visitors(uid, socket);
  }

  async exec(argv: readonly string[], options: ExecOptions): Promise<ExecResult> {
    await this.#show();
    return runProgram(this.#supervisor, this.name, argv, options);
  }

  async spawn(argv: readonly string[], options: ProgramOptions): Promise<LiveProgram> {
    await this.#show();
    return spawnProgram(this.#supervisor, this.name, argv, await this.#programs.launch(options));
  }

  async readFile(path: string, options: { maxBytes: number }): Promise<FileRead> {
    await this.#daemons.showBelow(path);
    const [outcome, second, truncated, content] = await this.#supervisor.ask(
      'read',
      this.name,
      absolute(path),
      options.maxBytes,
    );
    switch (String(outcome)) {
      case 'absent':
        return { outcome: 'absent' };
      case 'refused':
        return { outcome: 'refused', reason: String(second) };
      default:
        return {
          outcome: 'read',
          mode: Number(second),
          truncated: String(truncated) === '1',
          content: content ?? Buffer.alloc(0),
        };
    }
  }

  async writeFile(path: string, content: Uint8Array, options: { mode: number }): Promise<void> {
    if (isAmongPrograms(path)) await this.#daemons.show();
    await this.#supervisor.ask('write', this.name, absolute(path), options.mode.toString(8), content);
  }

  async removeFile(path: string): Promise<void> {
    if (isAmongPrograms(path)) await this.#daemons.show();
    await this.#supervisor.ask('remove', this.name, absolute(path));
  }

  async appendFile(path: string, text: string, options: { mode: number }): Promise<void> {
    await this.#supervisor.ask('append', this.name, absolute(path), options.mode.toString(8), text);
  }

  async fileSize(path: string): Promise<number | undefined> {
    await this.#daemons.showBelow(path);
    const [size] = await this.#supervisor.ask('size', this.name, absolute(path));
    return size === undefined ? undefined : Number(size);
  }

  async makeLink(path: string, target: string): Promise<void> {
    if (isAmongPrograms(path)) await this.#daemons.show();
    await this.#supervisor.ask('link', this.name, absolute(path), target);
  }

  async listTree(folders: readonly string[]): Promise<ReadonlyMap<string, string | undefined>> {
    const fields = (await this.#supervisor.ask('tree', this.name, ...folders.map(absolute))).map(String);
    const found = new Map<string, string | undefined>();
    for (let i = 0; i < fields.length; i += 2) found.set(fields[i] ?? '', fields[i + 1] || undefined);
    return found;
  }

  async pathKind(path: string, make: 'folder' | 'file' | undefined): Promise<NodePathKind> {
    await this.#daemons.showBelow(path);
    const [kind] = await this.#supervisor.ask('node-path', this.name, absolute(path), make ?? '');
    return String(kind) as NodePathKind;
  }

  async listFolder(path: string): Promise<readonly string[] | undefined> {
    await this.#daemons.showBelow(path);
    const [outcome, ...names] = await this.#supervisor.ask('list', this.name, absolute(path));
    return String(outcome) === 'listed' ? names.map(String).sort() : undefined;
  }

  async watch(path: string, changed: () => void): Promise<Disposable> {
    let timer: NodeJS.Timeout | undefined;
    const watching = await this.#supervisor.watch(this.name, absolute(path), () => {
      timer ??= setTimeout(() => {
        timer = undefined;
        changed();
      }, SETTLE_MS);
    });
    return {
      [Symbol.dispose]: () => {
        clearTimeout(timer);
        watching[Symbol.dispose]();
      },
    };
  }

  /** Whoever types is slower than what they could see: nobody's prompt waits for that. */
  async openShell(options: ShellOptions): Promise<Shell> {
    await this.#daemons.show();
    const shell = await this.#openTerminal(['/bin/bash', '-l'], options);
    void this.#show();
    return shell;
  }

  async openTerminal(argv: readonly string[], options: ShellOptions & TerminalOptions): Promise<Shell> {
    await this.#show();
    return this.#openTerminal(argv, options);
  }

  async #openTerminal(argv: readonly string[], options: ShellOptions & TerminalOptions): Promise<Shell> {
    const launch = await this.#programs.launch({ login: options.user?.uid ?? 0, ...options });
    return openHostTerminal(this.#supervisor, this.name, argv, launch);
  }

  hearPrograms(hear: (call: ObservedCall) => void): Disposable {
    return this.#programs.hear(hear);
  }

  /** To be awaited before somebody's program runs: the processes that it could see. */
  async #show(): Promise<void> {
    await this.#daemons.show();
    this.#prepared ??= Promise.all([...this.#preparations].map((prepare) => prepare())).then(
      () => this.#preparations.clear(),
      this.#fault,
    );
    await this.#prepared;
  }

  async dial(to: string, port: number, signal: AbortSignal): Promise<DialResult> {
    const address = await this.#resolve(to);
    if (address === undefined) return { outcome: 'unresolved', detail: `${to}: name not known on ${this.name}` };
    await this.#daemons.showListening(port);
    return dialResult(await this.#supervisor.dial(this.name, address, port, signal), `${address}:${port}`);
  }

  async listen(port: number, address = '0.0.0.0'): Promise<Server> {
    if (!isIPv4(address)) throw new TypeError(`not simulated: listening on ${address}`);
    return this.#supervisor.askForServer('listen', this.name, address, port);
  }

  /** The file outlives the server, as a daemon's does that was killed; listening again replaces it. */
  async listenUnix(path: string, mode: number, group = 0): Promise<Server> {
    return this.#supervisor.askForServer('listen-unix', this.name, absolute(path), mode.toString(8), group);
  }

  async installCommand(name: string, run: Command, options?: { readonly forUsers: true }): Promise<void> {
    if (!/^[\w.-]{1,64}$/.test(name)) throw new TypeError(`not a command's name: ${name}`);
    this.#commands.set(name, run);
    this.#forUsers.set(name, options === undefined ? refuseUsers(name) : run);
    await this.#supervisor.ask('command', this.name, name);
  }

  async installProgram(path: string, run: Command): Promise<void> {
    const name = path.slice(path.lastIndexOf('/') + 1);
    this.#commands.set(name, run);
    this.#forUsers.set(name, refuseUsers(name));
    await this.#daemons.install(absolute(path));
  }

  placeProgram(path: string, isThere: boolean): Promise<void> {
    return isThere ? this.#daemons.install(absolute(path)) : this.#daemons.remove(absolute(path));
  }

  hasProgram(path: string): Promise<boolean> {
    return this.#daemons.has(absolute(path));
  }

  beforeFirstLook(folder: string, prepare: () => Promise<void>): Disposable {
    return this.#daemons.before(folder, prepare);
  }

  beforeFirstProgram(prepare: () => Promise<void>): Disposable {
    if (this.#prepared === undefined) this.#preparations.add(prepare);
    else void prepare().catch(this.#fault);
    return { [Symbol.dispose]: () => void this.#preparations.delete(prepare) };
  }

  newDaemon(): HostDaemon {
    return this.#daemons.create();
  }

  /**
   * As the host's C library would with `hosts: files`: an address is itself, a name is looked up in /etc/hosts. A machine of the lab is
   * that machine, whatever the file says: who asks whether a port of node01 is closed must not be sent to another.
   */
  async #resolve(name: string): Promise<string | undefined> {
    if (isIPv4(name)) return name;
    const machine = HOST_NAMES.find((one) => one === name && this.#supervisor.hosts.has(one));
    if (machine !== undefined) return nearestAddress(machine, networksOf(this.name));
    const hosts = await this.readFile('/etc/hosts', { maxBytes: MAX_HOSTS_FILE });
    if (hosts.outcome !== 'read') return undefined;
    for (const line of String(hosts.content).split('\n')) {
      const [address, ...names] = line.replace(/#.*/, '').trim().split(/\s+/);
      if (address !== undefined && isIPv4(address) && names.some((one) => one.toLowerCase() === name.toLowerCase()))
        return address;
    }
    return undefined;
  }
}

/** Whether what lies there is laid down when somebody first looks into the host. */
function absolute(path: string): string {
  if (!path.startsWith('/') || path.includes('\0')) throw new TypeError(`not an absolute path: ${path}`);
  return path;
}
