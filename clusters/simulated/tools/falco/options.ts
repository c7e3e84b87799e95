import { lastOption, optionTable, parseLine } from '../../daemons/command-line.ts';
import type { LoadRequest } from './load.ts';

const OPTIONS = optionTable(
  '-h --help',
  '-c --config-file=',
  '-A --all-events',
  '-o --option=',
  '-r --rules-file=',
  '-M --duration=',
  '-V --validate=',
  '-L --describe-rules',
  '-l --describe-rule=',
  '--list[=]',
  '-N --names-only',
  '-U --unbuffered',
  '-v --verbose',
  '--dry-run',
  '--version',
);
/** Options of the real program that would change what comes out (userspace/falco/app/options.cpp). */
const NOT_MODELLED = optionTable(
  '-b --print-base64',
  '--disable-source=',
  '--enable-source=',
  '--config-schema',
  '--rule-schema',
  '-g --gvisor-config=',
  '--gvisor-generate-config[=]',
  '--gvisor-root=',
  '-i --ignored',
  '--list-events',
  '--list-syscall-events',
  '--list-plugins',
  '--markdown',
  '--format=',
  '--plugin-info=',
  '-p --print=',
  '-P --pidfile=',
  '-S --snaplen=',
  '--support',
  '--page-size',
);

export interface FalcoOptions extends LoadRequest {
  readonly asks: 'watch' | 'help' | 'version' | 'validate' | 'describe' | 'list' | 'dry run';
  /** Seconds until it ends by itself. */
  readonly seconds: number | undefined;
  readonly validate: readonly string[];
  /** One rule to describe; undefined for all. */
  readonly rule: string | undefined;
  readonly source: string | undefined;
  readonly namesOnly: boolean;
  readonly verbose: boolean;
}

export type ParsedOptions = { readonly options: FalcoOptions } | { readonly problem: string };

/** falco's command line without the program. */
export function parseOptions(args: readonly string[]): ParsedOptions {
  const line = parseLine(args, { ...NOT_MODELLED, ...OPTIONS });
  if (line.outcome === 'wrong') {
    const name = line.argument.replace(/^-+/, '');
    return {
      problem: line.complaint.includes('requires')
        ? `Option '${name}' is missing an argument`
        : `Option '${name}' does not exist`,
    };
  }
  const { options, words } = line;
  const known = new Set(Object.values(OPTIONS).map(({ name }) => name));
  const unmodelled = [...options.keys()].find((name) => !known.has(name)) ?? words[0];
  if (unmodelled !== undefined)
    return { problem: `not simulated: falco ${unmodelled.length > 1 ? '--' : '-'}${unmodelled}` };
  const duration = lastOption(options, 'duration');
  const seconds = duration === undefined ? undefined : Number(duration);
  if (seconds !== undefined && (!Number.isInteger(seconds) || seconds < 0))
    return { problem: `Argument '${duration}' failed to parse` };
  const asked: readonly (readonly [string, FalcoOptions['asks']])[] = [
    ['help', 'help'],
    ['version', 'version'],
    ['list', 'list'],
    ['validate', 'validate'],
    ['describe-rules', 'describe'],
    ['describe-rule', 'describe'],
    ['dry-run', 'dry run'],
  ];
  return {
    options: {
      asks: asked.find(([name]) => options.has(name))?.[1] ?? 'watch',
      configFile: lastOption(options, 'config-file'),
      rulesFiles: options.get('rules-file') ?? [],
      settings: options.get('option') ?? [],
      seconds: seconds === 0 ? undefined : seconds,
      validate: options.get('validate') ?? [],
      rule: lastOption(options, 'describe-rule'),
      source: lastOption(options, 'list') || undefined,
      namesOnly: options.has('names-only'),
      verbose: options.has('verbose'),
    },
  };
}
