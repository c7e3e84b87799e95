import type { WebSocket } from 'ws';
import { type Lab, LabError } from '../../clusters/cluster.ts';
import type { HostName } from '../../protocol/host.ts';
import type { LabId, TerminalId } from '../../protocol/ids.ts';
import type { TerminalServerFrame } from '../../protocol/terminal.ts';
import type { Log } from '../log.ts';
import { isUnexpected, problemOf } from '../problem.ts';
import { Refusal } from '../refusal.ts';
import { Bridge, type BridgeTimes } from './bridge.ts';
import { KeyBudget } from './key-queue.ts';
import type { Size } from './viewer.ts';

export interface TerminalAddress {
  readonly lab: LabId;
  readonly host: HostName;
  readonly terminal: TerminalId;
}

export interface TerminalsOptions {
  readonly times?: BridgeTimes;
  /** The running lab; throws `Refusal` while there is none. */
  readonly labOf: (id: LabId) => Lab;
  /** Called whenever somebody types in a terminal of that lab. */
  readonly onTyped?: (id: LabId) => void;
  readonly log: Log;
  /** Terminals a lab, watched or not. */
  readonly maxTerminals?: number;
  /** Pages a terminal. */
  readonly maxPages?: number;
}

interface Entry {
  readonly address: TerminalAddress;
  readonly bridge: Promise<Bridge>;
  /** Set once the shell is open. */
  opened?: Bridge;
}

const keyOf = ({ lab, host, terminal }: TerminalAddress): string => `${lab}/${host}/${terminal}`;

/** The shells that this server holds open, one for each terminal of a page. They outlive the pages. */
export class Terminals implements AsyncDisposable {
  readonly #options: TerminalsOptions & { maxTerminals: number; maxPages: number };
  readonly #budget = new KeyBudget();
  /** In the order in which pages last came. */
  readonly #entries = new Map<string, Entry>();

  constructor(options: TerminalsOptions) {
    this.#options = { maxTerminals: 16, maxPages: 8, ...options };
  }

  /** Shows the terminal on the page behind the socket, which must be paused. Tells the page when that is not possible. */
  async attach(socket: WebSocket, address: TerminalAddress, size: Size): Promise<void> {
    try {
      const bridge = await this.#bridge(address, size);
      if (bridge.over) throw new Refusal('conflict', 'The shell has just ended.', 'Open the terminal again.');
      if (bridge.attached >= this.#options.maxPages) {
        throw new Refusal('full', `${this.#options.maxPages} pages show this terminal.`, 'Close one of them.');
      }
      if (socket.readyState === socket.OPEN) bridge.attach(socket, size);
    } catch (cause) {
      if (isUnexpected(cause)) this.#options.log.error('a terminal could not be opened', { ...address, cause });
      refuse(socket, cause);
    }
  }

  /** Lets go of all shells of a lab, which are about to end. */
  async endLab(lab: LabId, message: string): Promise<void> {
    const entries = [...this.#entries.values()].filter(({ address }) => address.lab === lab);
    await Promise.all(entries.map((entry) => this.#end(entry, message, false)));
  }

  /** Whether the terminal's shell is held back now; undefined when there is none. */
  isPaused(address: TerminalAddress): boolean | undefined {
    return this.#entries.get(keyOf(address))?.opened?.paused;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const entries = [...this.#entries.values()];
    await Promise.all(entries.map((entry) => this.#end(entry, 'The server is shutting down.', false)));
  }

  async #bridge(address: TerminalAddress, size: Size): Promise<Bridge> {
    const key = keyOf(address);
    const lab = this.#options.labOf(address.lab);
    const entry = this.#entries.get(key) ?? this.#open(lab, address, size);
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return await entry.bridge;
  }

  #open(lab: Lab, address: TerminalAddress, size: Size): Entry {
    const key = keyOf(address);
    const bridge = this.#openShell(lab, address, size);
    const entry: Entry = { address, bridge };
    this.#entries.set(key, entry);
    bridge.then(
      (opened) => {
        entry.opened = opened;
        void opened.ended.then(() => this.#forget(entry));
      },
      () => this.#forget(entry),
    );
    return entry;
  }

  async #openShell(lab: Lab, { host: name, terminal }: TerminalAddress, size: Size): Promise<Bridge> {
    await this.#makeRoom(lab.id);
    const host = await lab.host(name);
    const shell = await host.openShell({ session: terminal, ...size });
    const { log, times = {}, onTyped } = this.#options;
    const onFault = (cause: unknown): void =>
      log.error('a terminal has a fault', { lab: lab.id, host: name, terminal, cause });
    const typed = () => onTyped?.(lab.id);
    return new Bridge({ shell, size, budget: this.#budget, onFault, onTyped: typed, times });
  }

  /** Ends the shell that has gone unwatched for the most arrivals, when the lab is full. */
  async #makeRoom(lab: LabId): Promise<void> {
    const { maxTerminals } = this.#options;
    const ofLab = [...this.#entries.values()].filter(({ address }) => address.lab === lab);
    if (ofLab.length < maxTerminals) return;
    const unwatched = ofLab.find(({ opened }) => opened?.attached === 0);
    if (unwatched === undefined) {
      throw new Refusal('full', `This lab has ${maxTerminals} terminals open.`, 'Close one of them.');
    }
    await this.#end(unwatched, 'Another terminal took its place.', true);
  }

  async #end(entry: Entry, message: string, kill: boolean): Promise<void> {
    this.#forget(entry);
    try {
      const bridge = await entry.bridge;
      await bridge.close(message, { retry: true, close: 'goingAway', kill });
    } catch (cause) {
      if (isUnexpected(cause))
        this.#options.log.warn('a terminal was not closed in order', { ...entry.address, cause });
    }
  }

  #forget(entry: Entry): void {
    const key = keyOf(entry.address);
    if (this.#entries.get(key) === entry) this.#entries.delete(key);
  }
}

/** A page cannot read why an upgrade was refused, so it is told in a frame. What may pass by itself may be tried again. */
function refuse(socket: WebSocket, cause: unknown): void {
  const { detail, nextStep } = problemOf(cause);
  const retry = cause instanceof Refusal ? cause.reason === 'conflict' : !(cause instanceof LabError);
  const frame: TerminalServerFrame = { type: 'error', message: [detail, nextStep].join(' '), retry };
  socket.on('error', () => {}); // it is being closed
  if (socket.isPaused) socket.resume();
  socket.send(JSON.stringify(frame));
  socket.close(1008);
}
