import { type JournalEntry, shortLine, writerText } from './journal.ts';

/** By number (syslog(3)). */
export const PRIORITIES = ['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug'];

/** Whatever a daemon writes is info; systemd rates what it says of it itself (src/core/job.c, unit.c). */
export function priorityOf({ identifier, message }: JournalEntry): number {
  if (identifier !== 'systemd') return 6;
  if (message.startsWith('Failed to start')) return 3;
  if (message.includes('Failed with result')) return 4;
  return message.includes(' process exited, code=') ? 5 : 6;
}

/** What is known of an entry, by the names of systemd.journal-fields(7). */
export function fieldsOf(entry: JournalEntry, host: string): Readonly<Record<string, string>> {
  return {
    __REALTIME_TIMESTAMP: String(entry.time.getTime() * 1000),
    _HOSTNAME: host,
    PRIORITY: String(priorityOf(entry)),
    SYSLOG_IDENTIFIER: entry.identifier,
    ...(entry.by.pid === undefined ? {} : { _PID: String(entry.by.pid) }),
    _SYSTEMD_UNIT: entry.unit,
    MESSAGE: entry.message,
  };
}

const iso = ({ time }: JournalEntry, digits: string): string => `${time.toISOString().slice(0, 19)}${digits}+0000`;

const micros = ({ time }: JournalEntry): string => `.${String(time.getUTCMilliseconds()).padStart(3, '0')}000`;

/** The forms of `journalctl -o` (src/shared/logs-show.c). */
export const FORMATS: Readonly<Record<string, (entry: JournalEntry, host: string) => string>> = {
  short: shortLine,
  'short-precise': (entry, host) => shortLine(entry, host).replace(/^(.{15})/, `$1${micros(entry)}`),
  'short-iso': (entry, host) => `${iso(entry, '')} ${host} ${writerText(entry)}: ${entry.message}`,
  'short-iso-precise': (entry, host) => `${iso(entry, micros(entry))} ${host} ${writerText(entry)}: ${entry.message}`,
  'short-unix': (entry, host) =>
    `${Math.floor(entry.time.getTime() / 1000)}${micros(entry)} ${host} ${writerText(entry)}: ${entry.message}`,
  cat: (entry) => entry.message,
  json: (entry, host) => JSON.stringify(fieldsOf(entry, host)),
  'json-pretty': (entry, host) => {
    const lines = Object.entries(fieldsOf(entry, host)).map(
      ([name, value]) => `\t${JSON.stringify(name)} : ${JSON.stringify(value)}`,
    );
    return `{\n${lines.join(',\n')}\n}`;
  },
};
