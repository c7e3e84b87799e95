import type { Clock } from '../../clock.ts';
import type { Judge } from './alert.ts';
import type { Loaded } from './load.ts';

/** The release whose options, fields and texts these are. */
export const FALCO_VERSION = '0.43.1';

/** What is not heard of here, said wherever somebody may wonder. */
export const OBSERVED =
  'this lab’s model: it hears of programs that start (execve), files that are opened (open, openat, openat2, creat), entries of folders that ' +
  'change (mkdir, unlink, rename, link, symlink, mknod, chmod and their like) and connections that are made (connect) in the containers of this node’s pods, and on the node by whoever is logged in there since a falco runs; of other system ' +
  'calls, of the node’s daemons and of Docker’s containers it hears nothing';

export const VERSION = `Falco version: ${FALCO_VERSION} (${OBSERVED})
Libs version:  0.23.2
Default driver: none, system calls are asked for by seccomp
`;

export const HELP = `Falco - Cloud Native Runtime Security (${OBSERVED})
Usage:
  falco [OPTION...]

  -h, --help           Print this help list and exit.
  -c <path>            Configuration file. If not specified uses /etc/falco/falco.yaml.
  -A                   Accepted; every event that is heard of is judged anyway.
      --dry-run        Run Falco without processing events.
  -L                   Show the name and description of all rules and exit.
  -l <rule>            Show the name and description of the rule with name <rule> and exit.
      --list [=<source>]  List all defined fields.
  -N                   With --list, print field names only.
  -M <num_seconds>     Stop Falco execution after <num_seconds> are passed.
  -o <opt>=<val>       Set the value of option <opt> to <val>. Overrides values in the configuration file.
  -r <rules_file>      Rules file or directory to be loaded. This option can be passed multiple times.
  -U                   Accepted; nothing is buffered.
  -V <rules_file>      Read the contents of the specified <rules_file> file(s), validate the loaded rules and exit.
  -v                   Enable verbose output.
      --version        Print version information and exit.
`;

/** `Mon Nov 23 11:08:26 2026: text`, as falco's log goes to standard error. */
export function logLine(clock: Clock, text: string): string {
  const now = new Date(clock.now());
  const [day, date, month, year, time] = now.toUTCString().replace(',', '').split(' ');
  return `${day} ${month} ${date?.padStart(2, ' ')} ${time} ${year}: ${text}`;
}

/** What falco says when it starts (userspace/falco/app/actions/load_config.cpp, load_rules_files.cpp, process_events.cpp). */
export function startWords(
  argv: readonly string[],
  loaded: Extract<Loaded, { outcome: 'loaded' }>,
  judge: Judge,
): readonly string[] {
  return [
    `Falco version: ${FALCO_VERSION} (${process.arch === 'x64' ? 'x86_64' : 'aarch64'})`,
    ...(argv.length > 1 ? [`CLI args: ${argv.join(' ')}`] : []),
    'Falco initialized with configuration files:',
    `   ${loaded.configFile} | schema validation: ok`,
    'Loading rules from:',
    ...loaded.rulesFiles.map((path) => `   ${path} | schema validation: ok`),
    ...loaded.warnings,
    ...judge.silent.map(
      ({ name, events }) => `not simulated: ${events.join(', ')}, for which rule "${name}" waits: it will not speak`,
    ),
    'Loaded event sources: syscall',
    'Enabled event sources: syscall',
    `Opening 'syscall' source: ${OBSERVED}.`,
  ];
}
