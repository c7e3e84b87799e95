import { once } from 'node:events';
import type { Command, SimulatedHost } from '../../hosts/simulated-host.ts';
import type { Clock } from '../../clock.ts';
import { findAccount } from '../accounts.ts';
import { KERNEL } from '../kernel-log/kernel-log.ts';
import { lastOption, optionTable, parseLine } from '../command-line.ts';
import type { JournalEntry } from './journal.ts';
import { fieldsOf, FORMATS, PRIORITIES, priorityOf } from './journal-formats.ts';
import { SYSTEMD_VERSION } from './version.ts';
import type { UnitManager } from './unit-manager.ts';

const OPTIONS = optionTable(
  '-u --unit=',
  '-t --identifier=',
  '-n --lines[=]',
  '-o --output=',
  '-S --since=',
  '-U --until=',
  '-p --priority=',
  '-g --grep=',
  '-f --follow',
  '-e --pager-end',
  '-x --catalog',
  '-r --reverse',
  '-b --boot[=]',
  '-k --dmesg',
  '-q --quiet',
  '--no-pager',
  '--no-hostname',
  '-a --all',
  '-l --full',
  '--case-sensitive[=]',
  '--utc',
  '-F --field=',
  '-N --fields',
  '--version',
  '--list-boots',
  '--disk-usage',
  '--rotate',
  '--flush',
  '--sync',
  '--vacuum-size=',
  '--vacuum-time=',
  '--vacuum-files=',
  '--verify',
  '--header',
  '--user',
  '-D --directory=',
  '-i --file=',
  '-c --cursor=',
  '--show-cursor',
  '-h --help',
);

/** What there is no journal on a disk for. */
const REFUSED =
  'list-boots disk-usage rotate flush sync vacuum-size vacuum-time vacuum-files verify header user directory file cursor show-cursor help'.split(
    ' ',
  );

/** The numbers that `-p err` or `-p warning..info` lets through; undefined for a name that is none. */
function prioritiesOf(given: string | undefined): readonly [from: number, to: number] | undefined {
  if (given === undefined) return [0, 7];
  const numbers = given.split('..').map((one) => (/^[0-7]$/.test(one) ? Number(one) : PRIORITIES.indexOf(one)));
  const [first = -1, last = first] = numbers;
  if (first < 0 || last < 0 || numbers.length > 2) return undefined;
  return numbers.length === 1 ? [0, first] : [Math.min(first, last), Math.max(first, last)];
}

/** `journalctl` over the modelled units of a host (journalctl(1)); what the host's real programs log does not reach it. */
export function journalctl(manager: UnitManager, clock: Clock): Command {
  return async (call) => {
    const args = call.args.map((arg, i) => (arg === '-n' && /^\d+$/.test(call.args[i + 1] ?? '') ? '-n=' : arg));
    const line = parseLine(joinLineCounts(args), OPTIONS);
    if (line.outcome === 'wrong') {
      await call.stderr(`journalctl: ${line.complaint}\n`);
      return 1;
    }
    const { options } = line;
    const refused = REFUSED.find((name) => options.has(name));
    const boot = lastOption(options, 'boot') ?? '';
    if (refused !== undefined || !/^-?0*$/.test(boot)) {
      const asked = refused === undefined ? `-b ${boot}` : `--${refused}`;
      await call.stderr(`not simulated: journalctl ${asked}\n`);
      return 1;
    }
    if (options.has('version')) {
      await call.stdout(SYSTEMD_VERSION);
      return 0;
    }
    const wanted = fieldMatches(line.words);
    if (typeof wanted === 'string') {
      await call.stderr(
        wanted.startsWith('/')
          ? `not simulated: journalctl ${wanted}; use -t or -u\n`
          : `Failed to add match '${wanted}': Invalid argument\n`,
      );
      return 1;
    }
    const format = FORMATS[lastOption(options, 'output') ?? 'short'];
    const now = new Date(clock.now());
    const since = sinceTime(lastOption(options, 'since'), now);
    const given = lastOption(options, 'until');
    const until = given === undefined ? new Date(8.64e15) : sinceTime(given, now);
    const priorities = prioritiesOf(lastOption(options, 'priority'));
    if (priorities === undefined) {
      await call.stderr(`Unknown log level ${lastOption(options, 'priority')}\n`);
      return 1;
    }
    if (format === undefined || since === undefined || until === undefined) {
      const time = since === undefined ? `--since ${lastOption(options, 'since')}` : `--until ${given}`;
      const what = format === undefined ? `-o ${lastOption(options, 'output')}` : time;
      await call.stderr(`not simulated: journalctl ${what}\n`);
      return 1;
    }
    const units = (options.get('unit') ?? []).map((name) => manager.canonical(name));
    const pattern = lastOption(options, 'grep');
    const matches = (entry: JournalEntry) =>
      entry.time >= since &&
      entry.time <= until &&
      priorityOf(entry) >= priorities[0] &&
      priorityOf(entry) <= priorities[1] &&
      (units.length === 0 || units.includes(entry.unit)) &&
      (!options.has('dmesg') || entry.unit === KERNEL) &&
      wanted(fieldsOf(entry, call.host)) &&
      (options.get('identifier')?.includes(entry.identifier) ?? true) &&
      // A plain search: a pattern of the learner's run by the server could be made to take for ever.
      (pattern === undefined || entry.message.toLowerCase().includes(pattern.toLowerCase()));
    const entries = manager.journal.read().filter(matches);
    const field = lastOption(options, 'field');
    if (field !== undefined || options.has('fields')) {
      const all = entries.map((entry) => fieldsOf(entry, call.host));
      const texts =
        field === undefined ? all.flatMap((one) => Object.keys(one)) : all.flatMap((one) => one[field] ?? []);
      await call.stdout([...new Set(texts)].map((text) => `${text}\n`).join(''));
      return 0;
    }
    const count = lineCount(lastOption(options, 'lines'), options.has('follow'), options.has('pager-end'));
    const shown = count === undefined ? entries : count === 0 ? [] : entries.slice(-count);
    if (options.has('reverse')) shown.reverse();
    const text = shown.map((entry) => `${format(entry, call.host)}\n`).join('');
    await call.stdout(text === '' && !options.has('quiet') && !options.has('follow') ? '-- No entries --\n' : text);
    if (!options.has('follow')) return 0;

    using _following = manager.journal.follow((entry) => {
      if (matches(entry)) call.stdout(`${format(entry, call.host)}\n`).catch(() => {}); // the client is gone, and the signal says so
    });
    if (!call.signal.aborted) await once(call.signal, 'abort');
    return 130;
  };
}

/**
 * Matches such as `_PID=4`: those of one field are alternatives, those of several hold together, and `+` stands between alternatives of
 * both. A text is a word that is no match.
 */
function fieldMatches(words: readonly string[]): string | ((fields: Readonly<Record<string, string>>) => boolean) {
  const groups: Map<string, string[]>[] = [new Map()];
  for (const word of words) {
    const [, name, value = ''] = /^([A-Z_][A-Z\d_]*)=(.*)$/s.exec(word) ?? [];
    if (word === '+') groups.push(new Map());
    else if (name === undefined) return word;
    else groups.at(-1)?.set(name, [...(groups.at(-1)?.get(name) ?? []), value]);
  }
  return (fields) => groups.some((group) => [...group].every(([name, values]) => values.includes(fields[name] ?? '')));
}

/** `-n 5` with a blank: getopt would not look for an optional value there, journalctl does. */
function joinLineCounts(args: readonly string[]): string[] {
  const joined: string[] = [];
  for (const arg of args) {
    if (joined.at(-1) === '-n=') joined[joined.length - 1] = `-n${arg}`;
    else joined.push(arg);
  }
  return joined;
}

function lineCount(given: string | undefined, follow: boolean, end: boolean): number | undefined {
  if (given !== undefined && /^\d+$/.test(given)) return Number(given);
  if (given === '' || follow) return 10;
  return end ? 1000 : undefined;
}

/** The time that `--since` names: `today`, `yesterday`, `-1h`, `10 min ago`, or a date; undefined when it is none of those. */
function sinceTime(text: string | undefined, now: Date): Date | undefined {
  if (text === undefined) return new Date(0);
  if (text === 'now') return now;
  const midnight = new Date(`${now.toISOString().slice(0, 10)}T00:00:00Z`);
  if (text === 'today') return midnight;
  if (text === 'yesterday') return new Date(midnight.getTime() - 86_400_000);
  const relative = /^-?(\d+)\s*(s|sec|second|m|min|minute|h|hour|d|day)s?(?:\s+ago)?$/.exec(text);
  if (relative !== null) {
    const unit = { s: 1, m: 60, h: 3600, d: 86_400 }[relative[2]?.charAt(0) ?? ''] ?? 1;
    return new Date(now.getTime() - Number(relative[1]) * unit * 1000);
  }
  const date = /^\d{4}-\d\d-\d\d(?: \d\d:\d\d(?::\d\d)?)?$/.test(text)
    ? new Date(`${text.replace(' ', 'T')}${text.length > 10 ? '' : 'T00:00'}Z`)
    : undefined;
  return date === undefined || Number.isNaN(date.getTime()) ? undefined : date;
}

/** The journal is for root and for those in its groups; the words for others are systemd 252's. */
export function forReaders(host: SimulatedHost, command: Command): Command {
  return async (call) => {
    const groups = call.uid === undefined ? undefined : (await findAccount(host, call.uid))?.groups;
    if (call.uid === undefined || groups?.some((group) => group === 'adm' || group === 'systemd-journal') === true)
      return command(call);
    await call.stderr(
      "Hint: You are currently not seeing messages from other users and the system.\n      Users in groups 'adm', 'systemd-journal' can see all messages.\n      Pass -q to turn off this notice.\nNo journal files were opened due to insufficient permissions.\n",
    );
    return 1;
  };
}
