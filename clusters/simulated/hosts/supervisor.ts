import type { Socket as Datagrams } from 'node:dgram';
import type { Server, Socket } from 'node:net';
import { LabError } from '../../cluster.ts';
import { encodeFrame, type Field, frameReader } from './frames.ts';
import type { Handle } from './handed-over.ts';
import type { LabPlan, LabProcess, Nursery } from './nursery.ts';
import { Observer } from './observer.ts';
import { systemError } from './system-error.ts';

interface Waiting {
  readonly resolve: (fields: Buffer[]) => void;
  readonly reject: (error: Error) => void;
}

/**
 * The server's side of one lab's supervisor (agent/main.pl): asks it for things, takes over sockets that it made inside hosts,
 * and ends it. When this process ends, however it ends, so does the supervisor and with it the whole lab. The file is longer than most:
 * it is one conversation, whose requests share their numbers and whose end concerns them all.
 */
export class Supervisor implements AsyncDisposable {
  /** Resolves with the reason when the lab is gone or broken without having been disposed of. */
  readonly died: Promise<string>;
  readonly #process: LabProcess;
  readonly #waiting = new Map<number, Waiting>();
  readonly #watches = new Map<number, () => void>();
  readonly #shells = new Map<number, PromiseWithResolvers<number>>();
  readonly #containers = new Map<string, (status: number) => void>();
  readonly #daemons = new Map<number, DaemonEvents>();
  /** To be called before somebody who is not among a host's own programs looks into it, by host. */
  readonly lookers = new Map<string, () => Promise<void>>();
  readonly observer = new Observer(async () => (await this.askForSocket('observe')).socket);
  /** Names of the machines. */
  readonly hosts: ReadonlySet<string>;
  /** Told to be up, and up for whoever waits: a host's command socket comes on another line. */
  readonly #coming = new Map<string, { told: PromiseWithResolvers<void>; up: PromiseWithResolvers<Server> }>();
  readonly #ready = Promise.withResolvers<void>();
  readonly #death = Promise.withResolvers<string>();
  #nextId = 1;
  #ended = false;

  private constructor(process: LabProcess, hosts: readonly string[]) {
    this.#process = process;
    this.hosts = new Set(hosts);
    for (const host of hosts) {
      const [told, up] = [Promise.withResolvers<void>(), Promise.withResolvers<Server>()];
      up.promise.catch(() => undefined);
      this.#coming.set(host, { told, up });
      void Promise.all([process.handles.expect(host), told.promise]).then(([server]) => up.resolve(server as Server));
    }
    this.died = this.#death.promise;
    this.#ready.promise.catch(() => undefined);
    void process.ended.then(() => this.#fail('its supervisor ended'));
    const read = frameReader((fields) => this.#hear(fields));
    process.channel.on('data', read);
    process.channel.on('error', () => undefined); // the end above tells
  }

  /** `fault` hears of what goes wrong within. Rejects with `LabError`. */
  static async start(nursery: Nursery, plan: LabPlan, fault: (error: unknown) => void): Promise<Supervisor> {
    const complain = (complaint: string) => fault(new Error(`the lab's supervisor: ${complaint}`));
    const process = await nursery.begin(plan, complain);
    return new Supervisor(
      process,
      plan.hosts.map(({ name }) => name),
    );
  }

  /** Who takes the calls of users other than root to hosts' modelled commands. */
  admit(visitor: (host: string, uid: number, socket: Socket) => void): void {
    this.#process.handles.visitor = visitor;
  }

  /** Whether the lab is gone or going. */
  get hasEnded(): boolean {
    return this.#ended;
  }

  get ended(): Promise<void> {
    return this.#process.ended;
  }

  /** Frames of one turn go out together: a lab that starts asks a hundred things at once. */
  #send(fields: readonly Field[]): void {
    if (this.#ended) return;
    const { channel } = this.#process;
    if (channel.writableCorked === 0) {
      channel.cork();
      process.nextTick(() => channel.uncork());
    }
    channel.write(encodeFrame(fields));
  }

  /** Sends what a host has of its own, entry by entry; the hosts in the order of the plan. */
  sendEntries(entries: readonly Field[]): void {
    this.#send(entries);
  }

  /** Resolves when that host of the plan is up, with the socket on which its modelled commands call. Rejects as `ready` does. */
  async up(host: string): Promise<Server> {
    const known = this.#coming.get(host);
    if (known === undefined) throw new Error(`the lab's plan has no host ${host}`);
    return known.up.promise;
  }

  /** Resolves when all hosts are up. Rejects with `LabError` when they cannot be, or with the signal's reason. */
  async ready(signal: AbortSignal): Promise<void> {
    const aborted = () => this.#neverReady(signal.reason as Error);
    signal.addEventListener('abort', aborted, { once: true });
    try {
      signal.throwIfAborted();
      await this.#ready.promise;
    } finally {
      signal.removeEventListener('abort', aborted);
    }
  }

  #neverReady(why: Error): void {
    this.#ready.reject(why);
    for (const { up } of this.#coming.values()) up.reject(why);
  }

  /** Rejects with the system's error, `code` and all, as Node's own calls do. */
  async ask(what: string, ...fields: Field[]): Promise<Buffer[]> {
    return this.#request(this.#nextId++, [what, ...fields]);
  }

  /** Asks for a socket; the answer's fields come with it. */
  async askForSocket(what: string, ...fields: Field[]): Promise<{ socket: Socket; fields: Buffer[] }> {
    const { handle, answer } = await this.#askForHandle(what, fields);
    return { socket: handle as Socket, fields: answer };
  }

  /**
   * Asks for so many sockets, in their order, which the request's first field names; the answer's fields come with them. Fewer come where the
   * answer is an error only.
   */
  async askForSockets(
    count: number,
    what: string,
    ...fields: Field[]
  ): Promise<{ sockets: Socket[]; fields: Buffer[] }> {
    const ids = Array.from({ length: count }, () => this.#nextId++);
    const given = ids.map((id) => this.#process.handles.expect(id) as Promise<Socket>);
    try {
      const answer = await this.#request(this.#nextId++, [what, ids.join(' '), ...fields]);
      return { sockets: await Promise.all(given), fields: answer };
    } finally {
      for (const id of ids) this.#process.handles.forget(id);
    }
  }

  /** Resolves with the exit status of a pod's container, by the name it was started under; asked for before it is started. */
  containerEnded(name: string): Promise<number> {
    const end = Promise.withResolvers<number>();
    this.#containers.set(name, end.resolve);
    return end.promise;
  }

  async askForServer(what: string, ...fields: Field[]): Promise<Server> {
    const { handle } = await this.#askForHandle(what, fields);
    return handle as Server;
  }

  /** A listening socket that the process of a daemon is to have too: until that has it, or it is given up, it is known by its number. */
  async listen(what: 'listen' | 'listen-unix', ...fields: Field[]): Promise<{ server: Server; number: number }> {
    const { handle, id } = await this.#askForHandle(what, [...fields, 1]);
    return { server: handle as Server, number: id };
  }

  giveUp(listener: number): void {
    this.#send([0, 'unlisten', listener]);
  }

  /** Hears of the process of a daemon from when it is started under that number until it has ended. */
  hearDaemon(events: DaemonEvents): number {
    const number = this.#nextId++;
    this.#daemons.set(number, events);
    return number;
  }

  /** A bound UDP socket. */
  async askForDatagrams(what: string, ...fields: Field[]): Promise<Datagrams> {
    const { handle } = await this.#askForHandle(what, fields);
    return handle as Datagrams;
  }

  /** Connects in a host's network: a socket, or the number of the system's error. On abort `undefined`. */
  dial(host: string, address: string, port: number, signal: AbortSignal): Promise<Socket | number | undefined> {
    return this.#dial([host, address, port], signal);
  }

  /** The same from the lab's router, by that address of its own. */
  dialFromRouter(
    own: string,
    address: string,
    port: number,
    signal: AbortSignal,
  ): Promise<Socket | number | undefined> {
    return this.#dial(['', address, port, own], signal);
  }

  async #dial(fields: readonly Field[], signal: AbortSignal): Promise<Socket | number | undefined> {
    const id = this.#nextId++;
    const given = this.#process.handles.expect(id) as Promise<Socket>;
    const aborted = Promise.withResolvers<undefined>();
    const abort = () => aborted.resolve(undefined);
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
    try {
      const answer = await Promise.race([this.#request(id, ['dial', ...fields]), aborted.promise]);
      if (answer === undefined) {
        this.#send([0, 'hang-up', id]);
        return undefined;
      }
      const error = Number(answer[0]);
      return error === 0 ? await given : error;
    } finally {
      signal.removeEventListener('abort', abort);
      this.#waiting.delete(id);
      this.#process.handles.forget(id); // a socket that was on its way already is closed
    }
  }

  watch(host: string, path: string, changed: () => void): Promise<Disposable> {
    return this.#watch(['watch', host, path], changed);
  }

  /** Tells whenever a chain of nftables with that name is deleted in the network of a host or pod, or was while others were. */
  watchRules(network: string, chain: string, deleted: () => void): Promise<Disposable> {
    return this.#watch(['watch-rules', network, chain], deleted);
  }

  async #watch(fields: readonly Field[], changed: () => void): Promise<Disposable> {
    const id = this.#nextId++;
    this.#watches.set(id, changed);
    await this.#request(id, fields);
    return {
      [Symbol.dispose]: () => {
        if (this.#watches.delete(id)) this.#send([0, 'unwatch', id]);
      },
    };
  }

  /** Resolves with the exit status of the shell with that number, now or later; a lab that ends kills its shells. */
  async shellEnded(shell: number): Promise<number> {
    return this.#shellEnd(shell).promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended = true;
    this.#process.kill();
    await this.#process.ended;
    this.#process.channel.destroy();
    for (const { up } of this.#coming.values())
      void up.promise.then(
        (server) => server.close(),
        () => undefined, // it never was
      );
  }

  async #askForHandle(what: string, fields: Field[]): Promise<{ handle: Handle; answer: Buffer[]; id: number }> {
    const id = this.#nextId++;
    const given = this.#process.handles.expect(id);
    try {
      const answer = await this.#request(id, [what, ...fields]);
      return { handle: await given, answer, id };
    } finally {
      this.#process.handles.forget(id);
    }
  }

  async #request(id: number, fields: readonly Field[]): Promise<Buffer[]> {
    if (this.#ended) throw new LabError('the lab has ended', 'Start it again.');
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#send([id, ...fields]);
    });
  }

  #hear([about, what, ...fields]: Buffer[]): void {
    const id = Number(about);
    const text = (i: number) => String(fields[i] ?? '');
    switch (String(what)) {
      case 'done':
        this.#waiting.get(id)?.resolve(fields);
        this.#waiting.delete(id);
        return;
      case 'error':
        this.#waiting.get(id)?.reject(systemError(Number(text(0)), text(1)));
        this.#waiting.delete(id);
        return;
      case 'changed':
        this.#watches.get(Number(text(0)))?.();
        return;
      case 'shell-ended':
        this.#shellEnd(Number(text(0))).resolve(Number(text(1)));
        return;
      case 'container-ended':
        this.#containers.get(text(0))?.(Number(text(1)));
        this.#containers.delete(text(0));
        return;
      case 'daemon-signalled':
        this.#daemons.get(Number(text(0)))?.signalled(text(1).split(' ').map(Number));
        this.#send([0, 'daemon-heard', text(0)]);
        return;
      case 'daemon-ended':
        this.#daemons.get(Number(text(0)))?.ended();
        this.#daemons.delete(Number(text(0)));
        return;
      case 'up':
        this.#coming.get(text(0))?.told.resolve();
        return;
      case 'ready':
        void Promise.all([...this.#coming.values()].map(({ up }) => up.promise)).then(
          () => this.#ready.resolve(),
          () => undefined, // it was given up, and `ready` has heard of it
        );
        return;
      case 'died':
        this.#death.resolve(`host ${text(0)} died`);
        return;
      case 'failed':
        this.#fail(text(0).trim());
        return;
      default:
        throw new Error(`the lab's supervisor said ${String(what)}`);
    }
  }

  #shellEnd(shell: number): PromiseWithResolvers<number> {
    const end = this.#shells.get(shell) ?? Promise.withResolvers<number>();
    this.#shells.set(shell, end);
    return end;
  }

  #fail(reason: string): void {
    const error = new LabError(`the lab's hosts could not be started: ${reason}`, 'Run ./breachlab doctor.');
    this.#neverReady(error);
    if (this.#ended) this.#death.promise.catch(() => undefined);
    else this.#death.resolve(reason);
    this.#ended = true;
    for (const { reject } of this.#waiting.values())
      reject(new LabError(`the lab has ended: ${reason}`, 'Start it again.'));
    this.#waiting.clear();
    for (const { resolve } of this.#shells.values()) resolve(KILLED);
    for (const daemon of this.#daemons.values()) daemon.ended();
  }
}

/** What a daemon's process in a host tells of. */
export interface DaemonEvents {
  /** Each signal that it got, once, however often that was. */
  signalled(signals: readonly number[]): void;
  ended(): void;
}

/** 128 + SIGKILL. */
const KILLED = 137;
