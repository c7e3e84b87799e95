import type { Command, Option } from 'commander';
import { contextOf } from '../../cli/context.ts';
import { programOf } from '../../cli/program.ts';
import { type GeneratedPage, heading, table } from './page.ts';

/** The command line as it is, without anything of this machine in it. */
export const commandLine = (): Command => programOf(contextOf(process, new AbortController().signal));

/** Every command with the words it goes by: `lab create`. */
export function commandsOf(command: Command, words: readonly string[] = []): readonly (readonly [string, Command])[] {
  return command.commands.flatMap((sub) => {
    const path = [...words, sub.name()];
    const own = [path.join(' '), sub] as const;
    return sub.commands.length === 0 ? [own] : [own, ...commandsOf(sub, path)];
  });
}

const INTRODUCTION = `
Every command is \`./breachlab COMMAND\`. It sets up what it lacks, says so on standard error, and is silent when there is nothing to do.
Results go to standard output. \`--json\` makes them JSON.

Exit status: 0 when all is well; 1 when a check, a proof or a test failed, or a problem is told with its next step; 70 for what nobody
expected; 130 after Ctrl-C. \`lab run\` and \`lab shell\` pass on the status of what they ran.

| environment | |
| --- | --- |
| \`BREACHLAB_KUBECTL\`, \`BREACHLAB_HELM\` | programs of your own; nothing is downloaded then |
| \`BREACHLAB_CACHE\` | where kubectl and helm are kept: \`.cache\` in the checkout, for root \`/var/cache/breachlab\` |
| \`BREACHLAB_DATA\` | the server's database and how to reach it: \`$XDG_STATE_HOME/breachlab\`, usually \`~/.local/state/breachlab\` |
| \`BREACHLAB_SERVER\`, \`BREACHLAB_TOKEN\` | address and token of the server that \`lab\` talks to, instead of the one of \`breachlab up\` |
| \`NO_COLOR\` | reports without colours; they have none either where standard output is no terminal |
| \`BREACHLAB_DEBUG\` | 1 prints the stack of an unexpected error |
`;

const byDefault = (value: unknown): string =>
  value === undefined ? '' : `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;

/** Markdown would take `<id>` for HTML. */
const prose = (text: string): string => text.replaceAll('<', '&lt;');

function optionRow(option: Option): readonly string[] {
  const choices = option.argChoices === undefined ? '' : `: ${option.argChoices.join(', ')}`;
  return [
    `\`${option.flags}\``,
    prose(`${option.description}${choices}`),
    byDefault(option.defaultValue) || (option.mandatory ? 'required' : ''),
  ];
}

function section(words: string, command: Command): string {
  const parts = [`## ${words}\n\n${prose(command.description())}\n`];
  if (command.commands.length > 0) return `${parts.join('')}\n`;
  parts.push(`\n\`\`\`\n./breachlab ${words} ${command.usage()}\n\`\`\`\n\n`);
  const arguments_ = command.registeredArguments
    .filter(({ description }) => description !== '')
    .map((argument) => {
      const choices = argument.argChoices === undefined ? '' : `: ${argument.argChoices.join(', ')}`;
      return [argument.name(), prose(`${argument.description}${choices}`), byDefault(argument.defaultValue)];
    });
  const rows = [...arguments_, ...command.options.map(optionRow)];
  if (rows.length > 0) parts.push(table(['', '', 'default'], rows));
  return `${parts.join('')}\n`;
}

/** docs/cli.md: every command with its arguments and options, from the definitions that parse them. */
export const CLI_PAGE: GeneratedPage = {
  name: 'cli.md',
  text: () => {
    const sections = commandsOf(commandLine()).map(([words, command]) => section(words, command));
    return Promise.resolve(
      `${heading('Commands', 'the definitions in cli/')}${INTRODUCTION}\n${sections.join('').trimEnd()}\n`,
    );
  },
};
