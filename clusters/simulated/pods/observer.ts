import type { Socket } from 'node:net';
import { frameReader } from '../hosts/frames.ts';
import type { Supervisor } from '../hosts/supervisor.ts';
import type { ObservedCall } from '../tools/falco/events.ts';
import { type AuditRecord, auditRecord } from './audit-record.ts';
import { observedCall } from './observed-calls.ts';

/** More than the containers that run at once. */
const MOST_KNOWN = 500;

/**
 * The server's side of a lab's observer (hosts/agent/observer.pl), which is there from the first program that runs in a container. It is
 * silent until it is told that calls are wanted.
 */
export class Observer {
  readonly #supervisor: Supervisor;
  /** Ids of containers by the supervisor's names. */
  readonly #ids = new Map<string, string>();
  #wanted = false;
  #socket: Socket | undefined;
  #begun: Promise<void> | undefined;
  hear: (id: string, call: ObservedCall) => void = () => undefined;
  record: (id: string, record: AuditRecord) => void = () => undefined;

  constructor(supervisor: Supervisor) {
    this.#supervisor = supervisor;
  }

  /** Resolves when programs that start from now on are observed, or cannot be. */
  begin(): Promise<void> {
    this.#begun ??= this.#begin().catch(() => undefined); // the lab has ended
    return this.#begun;
  }

  /** A container that has ended is known for a while yet: its last calls may still be on their way. */
  know(name: string, id: string): void {
    this.#ids.set(name, id);
    const [oldest] = this.#ids.keys();
    if (this.#ids.size > MOST_KNOWN && oldest !== undefined) this.#ids.delete(oldest);
  }

  want(wanted: boolean): void {
    this.#wanted = wanted;
    this.#socket?.write(wanted ? '1' : '0');
  }

  async #begin(): Promise<void> {
    const { socket } = await this.#supervisor.askForSocket('observe');
    this.#socket = socket;
    socket.unref();
    socket.on('error', () => undefined); // the close says it
    socket.once('close', () => {
      this.#socket = undefined;
      this.#begun = undefined;
    });
    const read = frameReader(([name, ...fields]) => {
      const id = this.#ids.get(String(name));
      if (id === undefined) return;
      const call = observedCall(fields);
      if (call !== undefined) return this.hear(id, call);
      const record = auditRecord(fields);
      if (record !== undefined) this.record(id, record);
    });
    socket.on('data', read);
    if (this.#wanted) this.want(true);
  }
}
