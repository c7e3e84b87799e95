import type { Verb } from './verb.ts';

/** What `docker --help` prints of the commands there are, in docker's form. */
export function generalHelp(verbs: Readonly<Record<string, Verb>>): string {
  const rows = Object.entries(verbs)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, { description }]) => `  ${name.padEnd(18)} ${description}\n`);
  return `Usage:  docker [OPTIONS] COMMAND\n\nA self-sufficient runtime for containers\n\nCommands:\n${rows.join('')}\nGlobal Options:\n  -H, --host  --tls  --tlsverify  --tlscacert  --tlscert  --tlskey  -v, --version\n\nRun 'docker COMMAND --help' for more information on a command.\n`;
}

/** What `docker network` prints, the commands that begin so; undefined where none does. */
export function groupHelp(name: string, verbs: Readonly<Record<string, Verb>>): string | undefined {
  const own = Object.entries(verbs)
    .filter(([words]) => words.startsWith(`${name} `))
    .filter(([words, verb], _, all) => !all.some(([other, same]) => same === verb && other.length < words.length));
  if (own.length === 0) return undefined;
  const rows = own
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([words, { description }]) => `  ${words.slice(name.length + 1).padEnd(10)}  ${description}\n`);
  return `Usage:  docker ${name} COMMAND\n\nCommands:\n${rows.join('')}\nRun 'docker ${name} COMMAND --help' for more information on a command.\n`;
}

/** What `docker NAME --help` prints: its usage, and its flags by name. */
export function helpOf(name: string, { usage, description, flags = {} }: Verb): string {
  const line = (names: string, value: string): string => {
    const [first = '', second] = names.split(' ');
    return `  ${second === undefined ? `    ${first}` : `${first}, ${second}`}${value}\n`;
  };
  const options = [
    ...(flags.booleans ?? []).map((names) => line(names, '')),
    ...(flags.values ?? []).map((names) => line(names, ' VALUE')),
  ];
  return `Usage:  docker ${name} ${usage}\n\n${description}\n${options.length === 0 ? '' : `\nOptions:\n${options.join('')}`}`;
}
