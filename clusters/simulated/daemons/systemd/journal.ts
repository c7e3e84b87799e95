import type { Clock } from '../../clock.ts';

export interface JournalEntry {
  readonly time: Date;
  /** Order of writing across all units. */
  readonly sequence: number;
  readonly unit: string;
  /** Who wrote it: `systemd`, `sshd`, `dockerd`. */
  readonly identifier: string;
  readonly message: string;
}

/** Lines kept of one unit; the oldest go first, so that a noisy attacker cannot fill the server. */
const LINES_A_UNIT = 2_000;
/** Units that may have a journal; beyond it lines of new units are dropped. */
const MAX_UNITS = 200;
const MAX_LINE = 4_096;

/** The journal of one host: a bounded ring a unit. */
export class Journal {
  readonly #clock: Clock;
  readonly #rings = new Map<string, JournalEntry[]>();
  readonly #followers = new Set<(entry: JournalEntry) => void>();
  #sequence = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  write(unit: string, identifier: string, message: string): void {
    const ring = this.#rings.get(unit) ?? [];
    if (ring.length === 0) {
      if (this.#rings.size >= MAX_UNITS) return;
      this.#rings.set(unit, ring);
    }
    const entry = {
      time: new Date(this.#clock.now()),
      sequence: ++this.#sequence,
      unit,
      identifier,
      message: message.slice(0, MAX_LINE),
    };
    ring.push(entry);
    if (ring.length > LINES_A_UNIT) ring.shift();
    for (const follow of this.#followers) follow(entry);
  }

  /** Entries of these units, of all units when none is named, oldest first. */
  read(units: readonly string[] = []): JournalEntry[] {
    const names = units.length === 0 ? [...this.#rings.keys()] : units;
    return names.flatMap((name) => this.#rings.get(name) ?? []).toSorted((a, b) => a.sequence - b.sequence);
  }

  follow(callback: (entry: JournalEntry) => void): Disposable {
    this.#followers.add(callback);
    return { [Symbol.dispose]: () => void this.#followers.delete(callback) };
  }
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `Nov 23 05:00:18 node01 sshd: text`, journalctl's `-o short`. No process id: the daemons here have none on the host. */
export function shortLine(entry: JournalEntry, host: string): string {
  const { time } = entry;
  const clock = time.toISOString().slice(11, 19);
  return `${MONTHS[time.getUTCMonth()]} ${String(time.getUTCDate()).padStart(2, '0')} ${clock} ${host} ${entry.identifier}: ${entry.message}`;
}
