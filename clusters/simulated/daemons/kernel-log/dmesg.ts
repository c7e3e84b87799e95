import { once } from 'node:events';
import type { Command } from '../../hosts/simulated-host.ts';
import { optionTable, parseLine } from '../command-line.ts';
import type { Journal, JournalEntry } from '../systemd/journal.ts';
import { KERNEL } from './kernel-log.ts';

const OPTIONS = optionTable(
  '-T --ctime',
  '-t --notime',
  '-w --follow',
  '-W --follow-new',
  '-P --nopager',
  '-k --kernel',
  '-V --version',
);

/** `dmesg` (dmesg(1)) over what the machine's kernel has said, which the journal keeps. */
export function dmesg(journal: Journal): Command {
  return async (call) => {
    const line = parseLine(call.args, OPTIONS);
    if (line.outcome === 'wrong' || line.words.length > 0) {
      await call.stderr(`not simulated: dmesg ${line.outcome === 'wrong' ? line.argument : line.words[0]}\n`);
      return 1;
    }
    const { options } = line;
    if (options.has('version')) {
      await call.stdout('dmesg from util-linux 2.38.1, as this lab models it: what the kernel says of the lab\n');
      return 0;
    }
    const entries = journal.read([KERNEL]);
    const began = entries[0]?.time.getTime() ?? 0;
    const shown = ({ time, message }: JournalEntry): string => {
      if (options.has('notime')) return message;
      if (options.has('ctime')) return `[${ctime(time)}] ${message}`;
      const seconds = (time.getTime() - began) / 1000;
      return `[${seconds.toFixed(6).padStart(12)}] ${message}`;
    };
    if (!options.has('follow-new')) await call.stdout(entries.map((entry) => `${shown(entry)}\n`).join(''));
    if (!options.has('follow') && !options.has('follow-new')) return 0;
    using _following = journal.follow((entry) => {
      if (entry.unit === KERNEL) call.stdout(`${shown(entry)}\n`).catch(() => {}); // the client is gone, and the signal says so
    });
    if (!call.signal.aborted) await once(call.signal, 'abort');
    return 130;
  };
}

/** `Mon Nov 23 05:00:18 2026`. */
function ctime(time: Date): string {
  const [day = '', date = '', month, year, clock] = time.toUTCString().replace(',', '').split(' ');
  return `${day} ${month} ${date.replace(/^0/, ' ')} ${clock} ${year}`;
}
