/**
 * The value that a command line gives a flag, as pflag reads it: `--name=value` or `--name value`, the last one of several, with
 * underscores for dashes. For whoever looks at a program from outside; a flag of the kind that takes no value is not to be asked for.
 */
export function flagOf(argv: readonly string[], name: string): string | undefined {
  let found: string | undefined;
  for (const [at, word] of argv.entries()) {
    const [, given = '', value] = /^--([^=]+)(?:=(.*))?$/s.exec(word) ?? [];
    if (given.replaceAll('_', '-') === name) found = value ?? argv[at + 1] ?? found;
  }
  return found;
}
