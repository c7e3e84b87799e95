/** A flag of a Go program: how its value is told in its usage, its usual value and what it is for. */
export interface GoFlag {
  readonly kind: 'string' | 'int' | 'bool';
  readonly usual: string;
  readonly usage: string;
}

export type GoFlags =
  | { readonly outcome: 'parsed'; readonly values: Readonly<Record<string, string>>; readonly rest: readonly string[] }
  /** What the program prints before it ends with 2, or with 0 where it was asked for help. */
  | { readonly outcome: 'ended'; readonly lines: readonly string[]; readonly exitCode: number };

/** Reads a command line as Go's package flag does, which ends at the first word (https://pkg.go.dev/flag). */
export function parseGoFlags(
  program: string,
  args: readonly string[],
  flags: Readonly<Record<string, GoFlag>>,
): GoFlags {
  const values: Record<string, string> = Object.fromEntries(
    Object.entries(flags).map(([name, { usual }]) => [name, usual]),
  );
  const ended = (why: string): GoFlags => ({ outcome: 'ended', lines: [why, ...usageOf(program, flags)], exitCode: 2 });
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] ?? '';
    const [, name, given] = /^--?([^-=][^=]*)(?:=(.*))?$/s.exec(arg) ?? [];
    if (arg === '--' || name === undefined)
      return { outcome: 'parsed', values, rest: args.slice(arg === '--' ? i + 1 : i) };
    const flag = flags[name];
    if (flag === undefined && (name === 'help' || name === 'h'))
      return { outcome: 'ended', lines: usageOf(program, flags), exitCode: 0 };
    if (flag === undefined) return ended(`flag provided but not defined: -${name}`);
    const value = given ?? (flag.kind === 'bool' ? 'true' : args[++i]);
    if (value === undefined) return ended(`flag needs an argument: -${name}`);
    if (flag.kind === 'int' && !/^[+-]?\d+$/.test(value))
      return ended(`invalid value ${JSON.stringify(value)} for flag -${name}: parse error`);
    if (flag.kind === 'bool' && !/^(?:1|t|true|0|f|false)$/i.test(value))
      return ended(`invalid boolean value ${JSON.stringify(value)} for -${name}: parse error`);
    values[name] = value;
  }
  return { outcome: 'parsed', values, rest: [] };
}

function usageOf(program: string, flags: Readonly<Record<string, GoFlag>>): readonly string[] {
  const lines = Object.entries(flags)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([name, { kind, usual, usage }]) => {
      const shown = kind === 'string' ? JSON.stringify(usual) : usual;
      const isZero = usual === '' || usual === '0' || usual === 'false';
      return [`  -${name}${kind === 'bool' ? '' : ` ${kind}`}`, `    \t${usage}${isZero ? '' : ` (default ${shown})`}`];
    });
  return [`Usage of ${program}:`, ...lines];
}
