import type { Command } from '../hosts/simulated-host.ts';

/** What `--help` of a command tells, as far as the lab has it. */
export interface HelpPage {
  readonly about: string;
  readonly usage: string;
  readonly examples?: string;
  /** What each command under it does. */
  readonly commands?: Readonly<Record<string, string>>;
  /** What each option does, as it is written: `-o, --output string`. */
  readonly flags: Readonly<Record<string, string>>;
}

/** Pages by command, the tool's own under the empty name. */
export type HelpPages = { readonly '': HelpPage } & Readonly<Record<string, HelpPage>>;

/** A page as cobra lays it out (github.com/spf13/cobra, command.go). */
export function helpText(name: string, { about, usage, examples, commands, flags }: HelpPage): string {
  const listed = (rows: Readonly<Record<string, string>>, indented: (key: string) => string): string => {
    const width = Math.max(...Object.keys(rows).map((key) => indented(key).length));
    return Object.entries(rows)
      .map(([key, says]) => `  ${indented(key).padEnd(width)}   ${says}\n`)
      .join('');
  };
  const own = { ...flags, '-h, --help': `help for ${name.split(' ').at(-1)}` };
  return [
    `${about}\n`,
    `Usage:\n  ${usage}\n`,
    ...(examples === undefined ? [] : [`Examples:\n${examples.trimEnd()}\n`]),
    ...(commands === undefined ? [] : [`Available Commands:\n${listed(commands, (key) => key)}`]),
    `Flags:\n${listed(own, (key) => (key.startsWith('--') ? `    ${key}` : key))}`,
    ...(commands === undefined ? [] : [`Use "${name} [command] --help" for more information about a command.\n`]),
  ].join('\n');
}

/** Has a tool answer `--help`, `-h` and `help` with its pages, and a call without arguments too, as cobra's commands that do nothing alone. */
export const withHelp =
  (tool: string, pages: HelpPages, run: Command): Command =>
  async (call) => {
    const end = call.args.indexOf('--');
    const args = end < 0 ? call.args : call.args.slice(0, end);
    const isAsked = args.length === 0 || args[0] === 'help' || args.includes('--help') || args.includes('-h');
    if (!isAsked) return run(call);
    const words = args.filter((word, i) => !word.startsWith('-') && !(i === 0 && word === 'help'));
    const prefixes = words.map((_, i) => words.slice(0, words.length - i).join(' '));
    const verb = prefixes.find((prefix) => pages[prefix] !== undefined) ?? '';
    await call.stdout(helpText(`${tool} ${verb}`.trim(), pages[verb] ?? pages['']));
    return 0;
  };
