import { isIPv4, type Server } from 'node:net';
import { daemonProgram } from './daemon-program.ts';
import { encodeFrame, type Field } from './frames.ts';
import type { DaemonLook, HostDaemon } from './host-daemon.ts';
import { userField } from './program-run.ts';
import type { Supervisor } from './supervisor.ts';

/** Where the programs of daemons find what they do at a prompt (agent/daemons.pl). */
const CLIENTS = '/usr/local/lib/breachlab/programs';

/**
 * The modelled daemons of one host, and the programs that packages put there. Programs and processes are made when somebody first looks into
 * the host, all at once, so that a lab does not pay for what nobody sees; from then on each is there as soon as it appears.
 */
export class HostDaemons {
  readonly #host: string;
  readonly #supervisor: Supervisor;
  readonly #fault: (error: unknown) => void;
  /** By path. */
  readonly #programs = new Set<string>();
  /** Not on every kernel. */
  #areLaid = false;
  /** Those that are to be seen, in the order in which they appeared. */
  readonly #present = new Set<NamespaceDaemon>();
  #shown: Promise<void> | undefined;
  /** What is to be done before, with the folder in which it shows. */
  readonly #preparations = new Set<{ readonly folder: string; readonly prepare: () => Promise<void> }>();
  /** One thing at a time: a process that is being made cannot be ended. */
  #work: Promise<unknown> = Promise.resolve();

  constructor(host: string, supervisor: Supervisor, fault: (error: unknown) => void) {
    this.#host = host;
    this.#supervisor = supervisor;
    this.#fault = fault;
  }

  /** To be awaited before anything that could see them runs in the host, or looks at its programs. */
  show(): Promise<void> {
    this.#shown ??= this.#then(async () => {
      await this.#lay([...this.#programs]);
      // What systemd starts is there before what the kubelet does.
      const isService = (daemon: NamespaceDaemon): boolean => this.#programs.has(daemon.program);
      await this.#begin([...this.#present].sort((a, b) => Number(isService(b)) - Number(isService(a))));
      await Promise.all([...this.#preparations].map(({ prepare }) => prepare()));
      this.#preparations.clear();
    });
    return this.#shown;
  }

  /** The same, where reading this path is to look into the host. */
  async showBelow(path: string): Promise<void> {
    const isToCome = [...this.#preparations].some(({ folder }) => path === folder || path.startsWith(`${folder}/`));
    if (isToCome || isAmongPrograms(path)) await this.show();
  }

  /** The same, where whoever connects to that port is to find who listens there. */
  async showListening(port: number): Promise<void> {
    if ([...this.#present].some((daemon) => daemon.isToListen(port))) await this.show();
  }

  /** Has this done before somebody looks; at once where somebody has. */
  before(folder: string, prepare: () => Promise<void>): Disposable {
    const preparation = { folder, prepare };
    if (this.#shown === undefined) this.#preparations.add(preparation);
    else void this.#then(prepare);
    return { [Symbol.dispose]: () => void this.#preparations.delete(preparation) };
  }

  /** A program for /usr/bin or /usr/sbin. */
  async install(path: string): Promise<void> {
    this.#programs.add(path);
    if (this.#shown !== undefined) await this.#then(() => this.#lay([path]));
  }

  async remove(path: string): Promise<void> {
    this.#programs.delete(path);
    if (this.#shown === undefined) return;
    await this.#then(async () => {
      if (this.#areLaid) await this.#supervisor.ask('remove', this.#host, path);
    });
  }

  /** Whether a program lies as it was put. */
  async has(alias: string): Promise<boolean> {
    const path = alias.replace(/^\/(s?bin)\//, '/usr/$1/');
    if (!this.#programs.has(path) || this.#shown === undefined) return this.#programs.has(path); // nobody can have touched it
    await this.#shown;
    if (!this.#areLaid) return true;
    const content = programOf(path);
    const [outcome, , , found] = await this.#supervisor.ask('read', this.#host, path, 2 * content.length);
    return String(outcome) === 'read' && found !== undefined && content.equals(found);
  }

  create(): HostDaemon {
    return new NamespaceDaemon(this.#host, this.#supervisor, {
      isSeen: () => this.#shown !== undefined,
      fault: this.#fault,
      appear: async (daemon) => {
        this.#present.add(daemon);
        if (this.#shown !== undefined) await this.#then(() => this.#begin([daemon]));
      },
      leave: (daemon) => {
        this.#present.delete(daemon);
        return this.#then(() => daemon.end());
      },
    });
  }

  async #lay(paths: readonly string[]): Promise<void> {
    if (paths.length === 0) return;
    const programs = paths.flatMap((path) => [path, programOf(path)]);
    const [areLaid] = await this.#supervisor.ask('programs', this.#host, ...programs);
    this.#areLaid = String(areLaid) === '1';
  }

  async #begin(daemons: readonly NamespaceDaemon[]): Promise<void> {
    const still = daemons.filter((daemon) => this.#present.has(daemon) && !daemon.isAlive);
    if (still.length === 0) return;
    await Promise.all(still.map((daemon) => daemon.beginListening()));
    const started = await this.#supervisor.ask('daemons', this.#host, ...still.map((daemon) => daemon.begin()));
    const numbers = new Map<number, number>();
    for (let i = 0; i < started.length; i += 2) numbers.set(Number(started[i]), Number(started[i + 1]));
    for (const daemon of still) daemon.begun(numbers);
  }

  /** Where a process cannot be made, the daemon serves without one: a learner's fork bomb is no reason to refuse them a shell. */
  #then(work: () => Promise<void>): Promise<void> {
    const done = this.#work.then(work).catch(this.#fault);
    this.#work = done;
    return done;
  }
}

export const isAmongPrograms = (path: string): boolean => /^(?:\/usr)?\/s?bin(?:\/|$)/.test(path);

const programOf = (path: string): Buffer =>
  daemonProgram(process.arch === 'arm64' ? 'arm64' : 'x64', `${CLIENTS}/${path.slice(path.lastIndexOf('/') + 1)}`);

interface Stage {
  isSeen(): boolean;
  fault(error: unknown): void;
  appear(daemon: NamespaceDaemon): Promise<void>;
  leave(daemon: NamespaceDaemon): Promise<void>;
}

class NamespaceDaemon implements HostDaemon {
  readonly #host: string;
  readonly #supervisor: Supervisor;
  readonly #stage: Stage;
  /** Listening sockets that no process has yet. */
  #sockets: number[] = [];
  /** Where it is going to listen once it is seen, by port. */
  readonly #toListen = new Map<number, () => Promise<void>>();
  #look: DaemonLook | undefined;
  #number: number | undefined;
  #ended = Promise.withResolvers<void>();
  #isLeaving = false;
  #pid: number | undefined;
  /** What its next process is to be numbered; 0 for any number. */
  #next = 0;

  constructor(host: string, supervisor: Supervisor, stage: Stage) {
    this.#host = host;
    this.#supervisor = supervisor;
    this.#stage = stage;
  }

  get pid(): number | undefined {
    return this.#pid;
  }

  get program(): string {
    return this.#look?.program ?? '';
  }

  get isAlive(): boolean {
    return this.#number !== undefined;
  }

  async listen(port: number, address = '0.0.0.0'): Promise<Server> {
    if (!isIPv4(address)) throw new TypeError(`not simulated: listening on ${address}`);
    return this.#listen('listen', this.#host, address, port);
  }

  async listenWhenSeen(port: number, address: string, take: (server: Server) => void): Promise<void> {
    const listen = async (): Promise<void> => take(await this.listen(port, address));
    if (this.#stage.isSeen() || !address.startsWith('127.')) await listen();
    else this.#toListen.set(port, listen);
  }

  isToListen(port: number): boolean {
    return this.#toListen.has(port);
  }

  async beginListening(): Promise<void> {
    const waiting = [...this.#toListen.values()];
    this.#toListen.clear();
    await Promise.all(waiting.map((listen) => listen().catch((error: unknown) => this.#stage.fault(error))));
  }

  listenUnix(path: string, mode: number, group = 0): Promise<Server> {
    return this.#listen('listen-unix', this.#host, path, mode.toString(8), group);
  }

  async #listen(...request: Parameters<Supervisor['listen']>): Promise<Server> {
    if (this.isAlive) {
      await this.leave();
      this.#next = this.#pid ?? 0;
    }
    const { server, number } = await this.#supervisor.listen(...request);
    this.#sockets.push(number);
    return server;
  }

  appear(look: DaemonLook): Promise<void> {
    this.#look = look;
    return this.#stage.appear(this);
  }

  leave(): Promise<void> {
    return this.#stage.leave(this);
  }

  /** Returns what the supervisor is told of its process (agent/daemons.pl, `daemon_of`). */
  begin(): Buffer {
    const { program = '', argv = [], environment = {}, user } = this.#look ?? {};
    this.#isLeaving = false;
    const ended = Promise.withResolvers<void>();
    this.#ended = ended;
    this.#number = this.#supervisor.hearDaemon({
      signalled: (signals) => {
        if (!this.#isLeaving) this.#look?.signalled(signals);
      },
      ended: () => {
        this.#number = undefined;
        ended.resolve();
        if (!this.#isLeaving && !this.#supervisor.hasEnded) this.#look?.killed();
      },
    });
    const variables = Object.entries(environment).flat();
    const fields: Field[] = [this.#number, this.#next, userField(user), program, this.#sockets.join(' ')];
    this.#next = 0;
    this.#sockets = [];
    return encodeFrame([...fields, variables.length / 2, ...variables, ...argv]).subarray(4);
  }

  /** Process numbers by number, of those that could be made. */
  begun(numbers: ReadonlyMap<number, number>): void {
    if (this.#number === undefined) return; // killed already
    const pid = numbers.get(this.#number);
    if (pid === undefined) this.#number = undefined;
    else this.#pid = pid;
  }

  async end(): Promise<void> {
    this.#toListen.clear();
    for (const socket of this.#sockets.splice(0)) this.#supervisor.giveUp(socket);
    if (this.#number === undefined) return;
    this.#isLeaving = true;
    await this.#supervisor.ask('end-daemon', this.#number);
    await this.#ended.promise;
  }
}
