import { observedCall } from '../hosts/observed-call.ts';
import type { Observer } from '../hosts/observer.ts';
import type { ObservedCall } from '../hosts/observed-call.ts';
import { type AuditRecord, auditRecord } from './audit-record.ts';

/** More than the containers that run at once. */
const MOST_KNOWN = 500;

/** What the lab's observer tells of the containers that are known to it, by their ids. */
export class ObservedContainers {
  readonly #observer: Observer;
  /** Ids of containers by the supervisor's names. */
  readonly #ids = new Map<string, string>();
  #wish: Disposable | undefined;

  constructor(observer: Observer) {
    this.#observer = observer;
  }

  /** A container that has ended is known for a while yet: its last calls may still be on their way. */
  know(name: string, id: string): void {
    this.#ids.set(name, id);
    const [oldest] = this.#ids.keys();
    if (this.#ids.size > MOST_KNOWN && oldest !== undefined) this.#ids.delete(oldest);
  }

  hearCalls(hear: (id: string, call: ObservedCall) => void): void {
    this.#observer.hear((name, fields) => {
      const id = this.#ids.get(name);
      const call = id === undefined ? undefined : observedCall(fields);
      if (id !== undefined && call !== undefined) hear(id, call);
    });
  }

  hearRecords(hear: (id: string, record: AuditRecord) => void): void {
    this.#observer.hear((name, fields) => {
      const id = this.#ids.get(name);
      const record = id === undefined ? undefined : auditRecord(fields);
      if (id !== undefined && record !== undefined) hear(id, record);
    });
  }

  wantCalls(wanted: boolean): void {
    if (!wanted) this.#wish?.[Symbol.dispose]();
    this.#wish = wanted ? (this.#wish ?? this.#observer.wantCalls()) : undefined;
  }
}
