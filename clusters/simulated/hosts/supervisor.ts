import { spawn, type ChildProcess } from 'node:child_process';
import type { Socket as Datagrams } from 'node:dgram';
import type { Server, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { LabError } from '../../cluster.ts';
import { encodeFrame, frameReader } from './frames.ts';
import { HandedOver, type Handle } from './handed-over.ts';
import type { LabNumbers } from './lab-user.ts';
import { supervisorSource } from './supervisor-source.ts';
import { systemError } from './system-error.ts';

export type Field = string | number | Uint8Array;

/** How long a supervisor that was told to end may take before it is killed together with its lab; ordinarily 20 ms. */
const END_MS = 3000;

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
  readonly #process: ChildProcess;
  readonly #channel: Duplex;
  readonly #waiting = new Map<number, Waiting>();
  readonly #handles = new HandedOver();
  readonly #watches = new Map<number, () => void>();
  readonly #shells = new Map<number, PromiseWithResolvers<number>>();
  readonly #containers = new Map<string, (status: number) => void>();
  /** Resolves when nothing of the lab is left, for whatever reason. */
  readonly ended: Promise<void>;
  readonly #ready = Promise.withResolvers<void>();
  readonly #death = Promise.withResolvers<string>();
  #nextId = 1;
  #complaints = '';
  #expected = 0;
  #started = false;
  #ended = false;

  /** `users` is what they become when this process is root. `programs` as in `HostTemplate`. */
  constructor(users: LabNumbers, programs: ReadonlyMap<string, string>, fault: (error: unknown) => void) {
    this.died = this.#death.promise;
    this.#ready.promise.catch(() => undefined);
    // Its own session: a Ctrl-C in the server's terminal is for the server, which then ends its labs in order.
    const source = supervisorSource(process.arch);
    this.#process = spawn('/usr/bin/perl', ['-w', '-e', source.entry], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc', 'pipe'],
      env: {},
      cwd: '/',
      detached: true,
    });
    this.#channel = this.#process.stdio[4] as Duplex;
    this.ended = new Promise((resolve) => {
      this.#process.once('exit', () => resolve());
      this.#process.once('error', () => resolve());
    });
    this.#process.once('error', (error) => this.#fail(error.message));
    this.#process.once('exit', () => this.#fail(this.#complaints.trim() || 'its supervisor ended'));
    this.#process.stderr?.on('data', (bytes: Buffer) => {
      this.#complaints = `${this.#complaints}${String(bytes)}`.slice(-2000);
      if (this.#started) fault(new Error(`the lab's supervisor: ${String(bytes).trim()}`));
    });
    this.#process.on('message', (message, handle) => {
      this.#handles.take(message, handle);
      this.#checkReady();
    });
    const read = frameReader((fields) => this.#hear(fields));
    this.#channel.on('data', read);
    this.#channel.on('error', () => undefined); // the exit above tells
    this.send([users.root, users.root, users.others, ...[...programs].flat()]);
    this.send([source.rest]);
  }

  /** Where hosts' modelled commands call, by host. */
  get commandSockets(): ReadonlyMap<string, Server> {
    return this.#handles.commandSockets;
  }

  send(fields: readonly Field[]): void {
    if (!this.#ended) this.#channel.write(encodeFrame(fields));
  }

  /** Resolves when that many hosts are up and have their command socket here. Rejects with `LabError` when they cannot be. */
  async ready(hosts: number, signal: AbortSignal): Promise<void> {
    this.#expected = hosts;
    const aborted = () => this.#ready.reject(signal.reason as Error);
    signal.addEventListener('abort', aborted, { once: true });
    try {
      signal.throwIfAborted();
      await this.#ready.promise;
    } finally {
      signal.removeEventListener('abort', aborted);
    }
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

  /** Asks for so many sockets, in their order; fewer come where the answer is an error only. The request's first field names them. */
  async askForSockets(count: number, what: string, ...fields: Field[]): Promise<Socket[]> {
    const ids = Array.from({ length: count }, () => this.#nextId++);
    const given = ids.map((id) => this.#handles.expect(id) as Promise<Socket>);
    try {
      await this.#request(this.#nextId++, [what, ids.join(' '), ...fields]);
      return await Promise.all(given);
    } finally {
      for (const id of ids) this.#handles.forget(id);
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

  /** A bound UDP socket. */
  async askForDatagrams(what: string, ...fields: Field[]): Promise<Datagrams> {
    const { handle } = await this.#askForHandle(what, fields);
    return handle as Datagrams;
  }

  /** Connects in a host's network: a socket, or the number of the system's error. On abort `undefined`. */
  async dial(host: string, address: string, port: number, signal: AbortSignal): Promise<Socket | number | undefined> {
    const id = this.#nextId++;
    const given = this.#handles.expect(id) as Promise<Socket>;
    const aborted = Promise.withResolvers<undefined>();
    const abort = () => aborted.resolve(undefined);
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
    try {
      const answer = await Promise.race([this.#request(id, ['dial', host, address, port]), aborted.promise]);
      if (answer === undefined) {
        this.send([0, 'hang-up', id]);
        return undefined;
      }
      const error = Number(answer[0]);
      return error === 0 ? await given : error;
    } finally {
      signal.removeEventListener('abort', abort);
      this.#waiting.delete(id);
      this.#handles.forget(id); // a socket that was on its way already is closed
    }
  }

  async watch(host: string, path: string, changed: () => void): Promise<Disposable> {
    const id = this.#nextId++;
    this.#watches.set(id, changed);
    await this.#request(id, ['watch', host, path]);
    return {
      [Symbol.dispose]: () => {
        if (this.#watches.delete(id)) this.send([0, 'unwatch', id]);
      },
    };
  }

  /** Resolves with the exit status of the shell with that number, now or later; a lab that ends kills its shells. */
  async shellEnded(shell: number): Promise<number> {
    return this.#shellEnd(shell).promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended = true;
    this.#process.kill('SIGTERM'); // which kills the lab's process 1 and waits until nothing is left of it
    const late = setTimeout(() => this.#process.kill('SIGKILL'), END_MS);
    await this.ended;
    clearTimeout(late);
    this.#channel.destroy();
    for (const server of this.commandSockets.values()) server.close();
  }

  async #askForHandle(what: string, fields: Field[]): Promise<{ handle: Handle; answer: Buffer[] }> {
    const id = this.#nextId++;
    const given = this.#handles.expect(id);
    try {
      const answer = await this.#request(id, [what, ...fields]);
      return { handle: await given, answer };
    } finally {
      this.#handles.forget(id);
    }
  }

  async #request(id: number, fields: readonly Field[]): Promise<Buffer[]> {
    if (this.#ended) throw new LabError('the lab has ended', 'Start it again.');
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.send([id, ...fields]);
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
      case 'ready':
        this.#started = true;
        this.#checkReady();
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

  /** Sockets and words come on different lines, in no order. */
  #checkReady(): void {
    if (this.#started && this.commandSockets.size === this.#expected) this.#ready.resolve();
  }

  #fail(reason: string): void {
    const error = new LabError(`the lab's hosts could not be started: ${reason}`, 'Run ./breachlab doctor.');
    this.#ready.reject(error);
    if (this.#ended) this.#death.promise.catch(() => undefined);
    else this.#death.resolve(reason);
    this.#ended = true;
    for (const { reject } of this.#waiting.values())
      reject(new LabError(`the lab has ended: ${reason}`, 'Start it again.'));
    this.#waiting.clear();
    for (const { resolve } of this.#shells.values()) resolve(KILLED);
  }
}

/** 128 + SIGKILL. */
const KILLED = 137;
