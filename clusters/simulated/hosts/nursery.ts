import { spawn, type ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';
import { LabError } from '../../cluster.ts';
import { encodeFrame, type Field, frameReader } from './frames.ts';
import { closeHandle, HandedOver } from './handed-over.ts';
import type { HostTemplate } from './host-template.ts';
import type { LabNumbers } from './lab-user.ts';
import { supervisorSource } from './supervisor-source.ts';
import { entryFields } from './template-entry.ts';

/** What a lab's processes begin with. */
export interface LabPlan {
  /** What they become when this process is root. */
  readonly users: LabNumbers;
  /** `ip -batch` lines for the lab's router. */
  readonly bridges: string;
  /** With their `ip -batch` lines, and the router's for their cables, where `{pid}` stands for the number of a host's process 1. */
  readonly hosts: readonly { readonly name: string; readonly network: string; readonly cables: string }[];
}

/** The processes of one lab, as its supervisor sees them. */
export interface LabProcess {
  /** Frames to and from the lab's first process. */
  readonly channel: Socket;
  /** Sockets that it hands over. */
  readonly handles: HandedOver;
  /** Resolves when nothing of the lab is left, for whatever reason. */
  readonly ended: Promise<void>;
  /** Ends all of them at once. */
  kill(): void;
}

/** A lab that its parent knows of. */
interface Begun {
  readonly handles: HandedOver;
  readonly complain: (complaint: string) => void;
  readonly end: () => void;
  readonly fail: (error: Error) => void;
}

/**
 * The parent of all labs of a server (agent/nursery.pl). A lab's first process is forked from it, so that no lab waits for a program to be
 * compiled or for the template to be sent, and all share the memory of both. It starts with the first lab, and ends, with every lab, when
 * this process does, however it ends; one that was killed is started again for the next lab.
 */
export class Nursery {
  readonly #template: HostTemplate;
  #running: RunningNursery | undefined;

  constructor(template: HostTemplate) {
    this.#template = template;
  }

  /** Begins a lab's processes. `complain` hears what its Perl warns of. Rejects with `LabError`. */
  async begin(plan: LabPlan, complain: (complaint: string) => void): Promise<LabProcess> {
    if (this.#running?.hasEnded !== false) this.#running = new RunningNursery(this.#template);
    return this.#running.begin(plan, complain);
  }
}

class RunningNursery {
  readonly #process: ChildProcess;
  readonly #channel: Socket;
  readonly #labs = new Map<number, Begun>();
  #begun = 0;
  #complaints = '';
  hasEnded = false;

  constructor({ programs, entries }: HostTemplate) {
    const source = supervisorSource(process.arch);
    // Its own session: a Ctrl-C in the server's terminal is for the server, which then ends its labs in order.
    this.#process = spawn('/usr/bin/perl', ['-w', '-e', source.entry], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc', 'pipe'],
      // A lab keeps a page for good that its supervisor once wrote to. So what a frame took goes back to the system, and what was freed is
      // not put aside piece by piece all over the memory that labs share (mallopt(3), glibc.malloc.tcache_count): that takes 0.3 MB of a lab.
      env: {
        MALLOC_MMAP_THRESHOLD_: '32768',
        MALLOC_TRIM_THRESHOLD_: '32768',
        MALLOC_TOP_PAD_: '0',
        GLIBC_TUNABLES: 'glibc.malloc.tcache_count=0',
      },
      cwd: '/',
      detached: true,
    });
    this.#channel = this.#process.stdio[4] as Socket;
    this.#process.once('error', (error) => this.#end(error.message));
    this.#process.once('close', () => this.#end(this.#complaints.trim()));
    this.#process.stderr?.on('data', (bytes: Buffer) => this.#hearComplaints(String(bytes)));
    this.#process.on('message', (message, handle) => {
      const [, lab, id] = /^(\d+)\.(\w+)$/.exec(idOf(message)) ?? [];
      const handles = this.#labs.get(Number(lab))?.handles;
      if (handles === undefined) closeHandle(handle);
      else handles.take(id ?? '', handle);
    });
    this.#channel.on(
      'data',
      frameReader(([about, what, reason]) => this.#hear(Number(about), String(what), String(reason ?? ''))),
    );
    this.#channel.on('error', () => undefined); // the exit above tells
    this.#send([source.rest]);
    this.#send([...programs].flat());
    this.#send(entries.flatMap(entryFields));
    this.#hold();
  }

  async begin({ users, bridges, hosts }: LabPlan, complain: (complaint: string) => void): Promise<LabProcess> {
    const number = ++this.#begun;
    const handles = new HandedOver();
    const ended = Promise.withResolvers<void>();
    const failed = Promise.withResolvers<never>();
    failed.promise.catch(() => undefined);
    const lab = { handles, complain, end: ended.resolve, fail: failed.reject };
    const given = handles.expect('channel');
    this.#labs.set(number, lab);
    this.#hold();
    const plan = [bridges, ...hosts.flatMap(({ name, network, cables }) => [name, network, cables])];
    this.#send(['begin', number, users.root, users.root, users.others, ...plan]);
    const channel = (await Promise.race([given, failed.promise])) as Socket;
    // What it said last is heard before its end.
    const silent = new Promise<void>((resolve) => channel.once('close', () => resolve()));
    return {
      channel,
      handles,
      ended: Promise.all([ended.promise, silent]).then(() => undefined),
      kill: () => this.#send(['end', number]),
    };
  }

  #send(fields: readonly Field[]): void {
    if (!this.hasEnded) this.#channel.write(encodeFrame(fields));
  }

  #hear(about: number, what: string, reason: string): void {
    if (what === 'failed') this.#complaints = reason;
    else if (what === 'released') this.#labs.get(about)?.handles.released(reason);
    else if (what === 'ended') this.#bury(about, reason);
    else throw new Error(`the labs' parent said ${what}`);
  }

  #bury(number: number, reason: string): void {
    const lab = this.#labs.get(number);
    this.#labs.delete(number);
    lab?.fail(failure(reason));
    lab?.end();
    this.#hold();
  }

  #end(reason: string): void {
    this.hasEnded = true;
    for (const number of this.#labs.keys()) this.#bury(number, reason);
  }

  /** What a lab warns of begins with its number. */
  #hearComplaints(text: string): void {
    for (const line of text.split('\n')) {
      const [, number, complaint = line] = /^(\d+): (.*)$/.exec(line) ?? [];
      const lab = this.#labs.get(Number(number));
      if (lab !== undefined) lab.complain(complaint);
      else this.#complaints = `${this.#complaints}${line}\n`.slice(-2000);
    }
  }

  /** Keeps this process alive as long as there are labs, and no longer. */
  #hold(): void {
    const what = this.#labs.size === 0 ? 'unref' : 'ref';
    this.#process[what]();
    this.#process.channel?.[what]();
    this.#channel[what]();
    (this.#process.stderr as Socket | null)?.[what]();
  }
}

const failure = (reason: string): LabError =>
  new LabError(
    `the lab's hosts could not be started: ${reason.trim() || 'their supervisor ended'}`,
    'Run ./breachlab doctor.',
  );

const idOf = (message: unknown): string =>
  typeof message === 'object' && message !== null && 'id' in message ? String(message.id) : '';
