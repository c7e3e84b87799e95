import type { OptionTable } from '../command-line.ts';
import { CRICTL_VERSION } from './about.ts';
import type { Verb } from './verb.ts';
import { NOT_SIMULATED, VERBS } from './verbs.ts';

/** What `crictl --help` prints, in the form of github.com/urfave/cli. */
export function generalHelp(global: OptionTable): string {
  const names = [...Object.keys(VERBS), ...Object.keys(NOT_SIMULATED)].toSorted();
  const rows = names.map((name) => `   ${name.padEnd(22)}  ${VERBS[name]?.description ?? 'not simulated'}\n`).join('');
  return `NAME:
   crictl - client for CRI

USAGE:
   crictl [global options] command [command options]

VERSION:
   ${CRICTL_VERSION}

COMMANDS:
${rows}
GLOBAL OPTIONS:
${optionLines(global)}`;
}

/** What `crictl NAME --help` prints. */
export const helpOf = (name: string, { description, usage, table }: Verb): string => `NAME:
   crictl ${name} - ${description}

USAGE:
   crictl ${name} [command options]${usage === '' ? '' : ` ${usage}`}

OPTIONS:
${optionLines(table)}`;

function optionLines(table: OptionTable): string {
  const byName = new Map<string, string[]>();
  for (const [name, option] of Object.entries(table))
    byName.set(option.name, [...(byName.get(option.name) ?? []), `${name}${option.value === false ? '' : ' value'}`]);
  const lines = [...byName.values()].map((names) => names.toSorted((a, b) => b.length - a.length).join(', '));
  return [...lines.toSorted(), '--help, -h'].map((line) => `   ${line}\n`).join('');
}
