import { release, version } from 'node:os';
import { auditLine, type AuditRecord } from '../../pods/audit-record.ts';
import type { Clock } from '../../clock.ts';
import type { Journal } from '../systemd/journal.ts';

/** What the kernel writes is in the journal under this name, of no unit's. */
export const KERNEL = 'kernel';

/** What the kernel of a machine says, in its journal: how it began, and what its audit records of containers. */
export class KernelLog {
  readonly #journal: Journal;
  readonly #clock: Clock;
  #serial = 0;

  constructor(journal: Journal, clock: Clock) {
    this.#journal = journal;
    this.#clock = clock;
    for (const line of [`Linux version ${release()} ${version()}`, 'AppArmor: AppArmor initialized']) this.#write(line);
  }

  record(record: AuditRecord): void {
    this.#write(auditLine(record, this.#clock.now(), ++this.#serial));
  }

  #write(line: string): void {
    this.#journal.write(KERNEL, KERNEL, line);
  }
}
