import type { HostDaemon } from '../../hosts/host-daemon.ts';
import type { SimulatedHost } from '../../hosts/simulated-host.ts';
import { UnreadableFile } from '../host-text.ts';
import type { Ending } from './ending.ts';
import { hostProgram } from './host-program.ts';
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
  readonly #name: string;
  readonly #journal: Journal;
  readonly #unit: Unit;
  readonly #daemon: HostDaemon;
  readonly #isModelled: boolean;
  readonly #owner: RunOwner;

  private constructor(
    name: string,
    request: UnitRunRequest,
    { argv }: UnitCommand,
    modelled: (() => Unit) | undefined,
    owner: RunOwner,
  ) {
    this.argv = argv;
    this.#name = name;
    this.#journal = request.journal;
    this.#unit = modelled?.() ?? hostProgram(request.host);
    this.#isModelled = modelled !== undefined;
    this.#daemon = request.host.newDaemon();
    this.#owner = owner;
  }

  /** Makes what the command line says, which is still to be started: a model where its program lies there, else a program of the host. */
  static async of(name: string, request: UnitRunRequest, command: UnitCommand, owner: RunOwner): Promise<UnitRun> {
    const [path = ''] = command.argv;
    const modelled = request.daemons[basename(path)];
    const isThere = modelled !== undefined && (await request.host.hasProgram(path));
    return new UnitRun(name, request, command, isThere ? modelled : undefined, owner);
  }

  /** Of its main process, also after that has ended; undefined where nobody has looked, or the program is the host's own. */
  get pid(): number | undefined {
    return this.#daemon.pid;
  }

  /** Its words as a list of processes shows them. */
  get words(): readonly string[] {
    const title = this.#unit.titleOf?.(this.argv);
    return title === undefined ? this.argv : [title];
  }

  async start(command: UnitCommand): Promise<StartFailure | undefined> {
    this.#journal.begin(this.#name, this.#daemon);
    const failure = await this.#unit.start(this.#launch(command)).catch(unreadable);
    await (failure === undefined ? this.#appear(command) : this.#daemon.leave());
    return failure;
  }

  async reload(command: UnitCommand): Promise<StartFailure | undefined> {
    const failure = await this.#unit.reload?.(this.#launch(command));
    await this.#appear(command);
    return failure;
  }

  /** Sends its main process a signal. Returns false where that is a program of the host's own, whose number is not known here. */
  signal(signal: number): boolean {
    if (this.#isModelled) this.#heed(signal);
    return this.#isModelled;
  }

  async stop(): Promise<void> {
    await this.#daemon.leave();
    await this.#unit.stop();
  }

  async #appear({ environment }: UnitCommand): Promise<void> {
    if (!this.#isModelled) return;
    await this.#daemon.appear({
      program: this.argv[0] ?? '',
      argv: this.words,
      environment: { ...SERVICE_ENVIRONMENT, ...environment },
      killed: () => this.#heed(SIGKILL),
      signalled: (signals) => {
        for (const signal of signals) this.#heed(signal);
      },
    });
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
      exited: (status) => this.#owner.ended({ code: 'exited', status }),
    };
  }
}

/** The only signal of which its process does not tell. */
const SIGKILL = 9;

/** What a daemon ends with that has no words of its own for a file which it cannot read. */
function unreadable(error: unknown): StartFailure {
  if (error instanceof UnreadableFile) return { status: 1, lines: [error.message] };
  throw error;
}
