import type { Clock } from '../../clock.ts';

export interface JournalEntry {
  readonly time: Date;
  /** Order of writing across all units. */
  readonly sequence: number;
  readonly unit: string;
  /** Who wrote it: `systemd`, `sshd`, `dockerd`. */
  readonly identifier: string;
  /** The process that wrote it, whose number may be known only later. */
  readonly by: Writer;
  readonly message: string;
}

/** A process by its number, as far as it has one. */
export interface Writer {
  readonly pid: number | undefined;
}

const SYSTEMD: Writer = { pid: 1 };

/** Lines kept of one unit; the oldest go first, so that a noisy attacker cannot fill the server. */
const LINES_A_UNIT = 2_000;
/** Units that may have a journal; beyond it lines of new units are dropped. */
const MAX_UNITS = 200;
const MAX_LINE = 4_096;

/** The journal of one host: a bounded ring a unit. */
export class Journal {
  readonly #clock: Clock;
  readonly #rings = new Map<string, JournalEntry[]>();
  /** By unit: who writes what is not systemd's, and who did first, whose are the lines from before there was anybody. */
  readonly #writers = new Map<string, { readonly first: Writer; readonly now: Writer }>();
  readonly #followers = new Set<(entry: JournalEntry) => void>();
  #sequence = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** From now on the lines of a unit are written by this process, but those of systemd. */
  begin(unit: string, writer: Writer): void {
    if (this.#writers.size < MAX_UNITS || this.#writers.has(unit))
      this.#writers.set(unit, { first: this.#writers.get(unit)?.first ?? writer, now: writer });
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
      by: identifier === 'systemd' ? SYSTEMD : this.#writerOf(unit),
      message: message.slice(0, MAX_LINE),
    };
    ring.push(entry);
    if (ring.length > LINES_A_UNIT) ring.shift();
    for (const follow of this.#followers) follow(entry);
  }

  #writerOf(unit: string): Writer {
    const writers = this.#writers;
    return (
      writers.get(unit)?.now ?? {
        get pid() {
          return writers.get(unit)?.first.pid;
        },
      }
    );
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

/** `sshd[712]`; a program that could not start, or that runs in no process, has no number. */
export const writerText = ({ identifier, by }: JournalEntry): string =>
  by.pid === undefined ? identifier : `${identifier}[${by.pid}]`;

/** `Nov 23 05:00:18 node01 sshd[712]: text`, journalctl's `-o short`. */
export function shortLine(entry: JournalEntry, host: string): string {
  const { time } = entry;
  const clock = time.toISOString().slice(11, 19);
  return `${MONTHS[time.getUTCMonth()]} ${String(time.getUTCDate()).padStart(2, '0')} ${clock} ${host} ${writerText(entry)}: ${entry.message}`;
}
