import { once } from 'node:events';
import type { Command, SimulatedHost } from '../../hosts/simulated-host.ts';
import type { Clock } from '../../clock.ts';
import { findAccount } from '../accounts.ts';
import { lastOption, optionTable, parseLine } from '../command-line.ts';
import { shortLine, type JournalEntry } from './journal.ts';
import type { UnitManager } from './unit-manager.ts';

const OPTIONS = optionTable(
  '-u --unit=',
  '-t --identifier=',
  '-n --lines[=]',
  '-o --output=',
  '-S --since=',
  '-g --grep=',
  '-f --follow',
  '-e --pager-end',
  '-x --catalog',
  '-r --reverse',
  '-b --boot[=]',
  '-q --quiet',
  '--no-pager',
  '--no-hostname',
  '-a --all',
  '-l --full',
);

const FORMATS: Readonly<Record<string, (entry: JournalEntry, host: string) => string>> = {
  short: shortLine,
  'short-iso': (entry, host) =>
    `${entry.time.toISOString().slice(0, 19)}+0000 ${host} ${entry.identifier}: ${entry.message}`,
  cat: (entry) => entry.message,
};

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
    const format = FORMATS[lastOption(options, 'output') ?? 'short'];
    const since = sinceTime(lastOption(options, 'since'), new Date(clock.now()));
    if (format === undefined || since === undefined || line.words.length > 0) {
      const what =
        format === undefined
          ? `-o ${lastOption(options, 'output')}`
          : (line.words[0] ?? `--since ${lastOption(options, 'since')}`);
      await call.stderr(`not simulated: journalctl ${what}\n`);
      return 1;
    }
    const units = (options.get('unit') ?? []).map((name) => manager.canonical(name));
    const pattern = lastOption(options, 'grep');
    const matches = (entry: JournalEntry) =>
      entry.time >= since &&
      (units.length === 0 || units.includes(entry.unit)) &&
      (options.get('identifier')?.includes(entry.identifier) ?? true) &&
      // A plain search: a pattern of the learner's run by the server could be made to take for ever.
      (pattern === undefined || entry.message.toLowerCase().includes(pattern.toLowerCase()));
    const entries = manager.journal.read().filter(matches);
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
