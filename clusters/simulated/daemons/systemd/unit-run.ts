import type { HostDaemon } from '../../hosts/host-daemon.ts';
import type { SimulatedHost } from '../../hosts/simulated-host.ts';
import { UnreadableFile } from '../host-text.ts';
import type { Ending } from './ending.ts';
import { type HostProgram, hostProgram } from './host-program.ts';
import type { Journal } from './journal.ts';
import { effectOf } from './signal-effect.ts';
import { basename, type UnitCommand } from './unit-command.ts';
import type { HandedSocket, Launch, StartFailure, Unit } from './unit.ts';

export interface UnitRunRequest {
  readonly host: SimulatedHost;
  /** Modelled daemons by the name of their program (`sshd`); other programs run on the host for real. */
  readonly daemons: Readonly<Record<string, () => Unit>>;
  readonly journal: Journal;
}

/** What a run has of the service manager. */
export interface RunOwner {
  ended(ending: Ending): void;
  /** It was asked to read its configuration again. */
  reload(): void;
  /** It makes a Unix socket of its own, in the place of whatever is there. */
  listening(path: string): void;
  /** The sockets that it is started with. */
  readonly handed: readonly HandedSocket[];
}

/** What systemd gives every service (systemd.exec(5)), on Debian. */
export const SERVICE_ENVIRONMENT = { LANG: 'C.UTF-8', PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin' };

/** One run of a unit: what stands behind it, and the process by which its host shows it. */
export class UnitRun {
  readonly argv: readonly string[];
  readonly #host: SimulatedHost;
  readonly #name: string;
  readonly #journal: Journal;
  readonly #unit: Unit;
  readonly #daemon: HostDaemon;
  /** Undefined of a modelled daemon. */
  readonly #program: HostProgram | undefined;
  readonly #owner: RunOwner;
  #pidFile: Disposable | undefined;

  private constructor(
    name: string,
    request: UnitRunRequest,
    { argv }: UnitCommand,
    stands: Unit | HostProgram,
    owner: RunOwner,
  ) {
    this.argv = argv;
    this.#host = request.host;
    this.#name = name;
    this.#journal = request.journal;
    this.#unit = stands;
    this.#program = 'pid' in stands ? stands : undefined;
    this.#daemon = request.host.newDaemon();
    this.#owner = owner;
  }

  /** Makes what the command line says, which is still to be started: a model where its program lies there, else a program of the host. */
  static async of(name: string, request: UnitRunRequest, command: UnitCommand, owner: RunOwner): Promise<UnitRun> {
    const [path = ''] = command.argv;
    const modelled = request.daemons[basename(path)];
    const isThere = modelled !== undefined && (await request.host.hasProgram(path));
    return new UnitRun(name, request, command, isThere ? modelled() : hostProgram(request.host), owner);
  }

  /** Of its main process, also after that has ended; undefined where nobody has looked. */
  get pid(): number | undefined {
    return this.#program === undefined ? this.#daemon.pid : this.#program.pid;
  }

  /** Its words as a list of processes shows them. */
  get words(): readonly string[] {
    const title = this.#unit.titleOf?.(this.argv);
    return title === undefined ? this.argv : [title];
  }

  async start(command: UnitCommand): Promise<StartFailure | undefined> {
    this.#journal.begin(this.#name, this.#program ?? this.#daemon);
    const failure = await this.#unit.start(this.#launch(command)).catch(unreadable);
    await (failure === undefined ? this.#appear(command) : this.#daemon.leave());
    return failure;
  }

  async reload(command: UnitCommand): Promise<StartFailure | undefined> {
    const failure = await this.#unit.reload?.(this.#launch(command));
    await this.#appear(command);
    return failure;
  }

  /** Sends its main process a signal. */
  async signal(signal: number): Promise<void> {
    if (this.#program === undefined) this.#heed(signal);
    else await this.#program.signal(signal);
  }

  async stop(): Promise<void> {
    await this.#removePidFile();
    await this.#daemon.leave();
    await this.#unit.stop();
  }

  async #appear({ environment }: UnitCommand): Promise<void> {
    if (this.#program !== undefined) return;
    await this.#daemon.appear({
      program: this.argv[0] ?? '',
      argv: this.words,
      environment: { ...SERVICE_ENVIRONMENT, ...environment },
      killed: () => this.#heed(SIGKILL),
      signalled: (signals) => {
        for (const signal of signals) this.#heed(signal);
      },
    });
    if (this.#unit.pidFile !== undefined) this.#writePidFile(this.#unit.pidFile);
  }

  /** Nobody reads it before somebody looks, and then it has a number. */
  #writePidFile(path: string): void {
    this.#pidFile ??= this.#host.beforeFirstLook('/run', async () => {
      await this.#host.writeFile(path, Buffer.from(`${this.pid}\n`), { mode: 0o644 });
    });
  }

  async #removePidFile(): Promise<void> {
    const { pidFile } = this.#unit;
    if (pidFile === undefined || this.#pidFile === undefined) return;
    this.#pidFile[Symbol.dispose]();
    this.#pidFile = undefined;
    if (this.pid !== undefined) await this.#host.removeFile(pidFile).catch(() => undefined); // its host may have ended
  }

  #heed(signal: number): void {
    const effect = effectOf(signal, this.#unit);
    if (effect === 'reload') this.#owner.reload();
    else if (effect !== 'none') this.#owner.ended(effect);
  }

  #launch(command: UnitCommand): Launch {
    const identifier = basename(command.argv[0] ?? this.#name);
    return {
      ...command,
      handed: this.#owner.handed,
      listen: (port, address) => this.#daemon.listen(port, address),
      listenWhenSeen: (port, address, take) => this.#daemon.listenWhenSeen(port, address, take),
      listenUnix: (path, mode, group) => {
        this.#owner.listening(path);
        return this.#daemon.listenUnix(path, mode, group);
      },
      log: (line) => this.#journal.write(this.#name, identifier, line),
      exited: (status) =>
        this.#owner.ended(this.#program === undefined ? { code: 'exited', status } : endingOf(status)),
    };
  }
}

/** Of a program that was run for the lab, 128 and more is a signal. */
const endingOf = (status: number): Ending =>
  status > 128 && status <= 128 + 64 ? { code: 'killed', signal: status - 128 } : { code: 'exited', status };

/** The only signal of which its process does not tell. */
const SIGKILL = 9;

/** What a daemon ends with that has no words of its own for a file which it cannot read. */
function unreadable(error: unknown): StartFailure {
  if (error instanceof UnreadableFile) return { status: 1, lines: [error.message] };
  throw error;
}
