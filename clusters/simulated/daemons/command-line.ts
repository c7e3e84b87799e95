/** What a program's options look like: each name (`--unit`, `-u`) points to its canonical name and to whether it takes a value. */
export type OptionTable = Readonly<Record<string, { readonly name: string; readonly value: boolean | 'optional' }>>;

export type ParsedLine =
  | { readonly outcome: 'parsed'; readonly options: Options; readonly words: readonly string[] }
  /** The argument that fits nothing, and getopt's complaint about it without the program's name. */
  | { readonly outcome: 'wrong'; readonly argument: string; readonly complaint: string };

/** Given options, by canonical name, in order; a flag holds an empty string. */
export type Options = ReadonlyMap<string, readonly string[]>;

/**
 * Reads arguments as GNU getopt_long does: `--name=value`, `--name value`, `-n5`, `-xeu unit`, and `--` ends options.
 * With `stopAtWord` the first word ends them too, as in docker and ssh. Messages: glibc's getopt.c.
 */
export function parseLine(
  args: readonly string[],
  table: OptionTable,
  style: { stopAtWord?: boolean } = {},
): ParsedLine {
  const options = new Map<string, string[]>();
  const words: string[] = [];
  const give = (name: string, value: string) => {
    options.set(name, [...(options.get(name) ?? []), value]);
  };
  const wrong = (argument: string, complaint: string): ParsedLine => ({ outcome: 'wrong', argument, complaint });

  for (let i = 0; i < args.length; i++) {
    const arg = args[i] ?? '';
    if (arg === '--') {
      words.push(...args.slice(i + 1));
      break;
    }
    if (arg.startsWith('--')) {
      const [name = '', ...rest] = arg.split('=');
      const option = table[name];
      if (option === undefined) return wrong(name, `unrecognized option '${name}'`);
      if (rest.length > 0) {
        if (option.value === false) return wrong(name, `option '${name}' doesn't allow an argument`);
        give(option.name, rest.join('='));
      } else if (option.value === true) {
        const value = args[++i];
        if (value === undefined) return wrong(name, `option '${name}' requires an argument`);
        give(option.name, value);
      } else give(option.name, '');
    } else if (arg.startsWith('-') && arg.length > 1) {
      for (let at = 1; at < arg.length; at++) {
        const letter = arg.charAt(at);
        const option = table[`-${letter}`];
        if (option === undefined) return wrong(`-${letter}`, `invalid option -- '${letter}'`);
        if (option.value === false) {
          give(option.name, '');
          continue;
        }
        const rest = arg.slice(at + 1).replace(/^=/, '');
        if (rest !== '' || option.value === 'optional') give(option.name, rest);
        else {
          const value = args[++i];
          if (value === undefined) return wrong(`-${letter}`, `option requires an argument -- '${letter}'`);
          give(option.name, value);
        }
        break;
      }
    } else {
      if (style.stopAtWord === true) {
        words.push(...args.slice(i));
        break;
      }
      words.push(arg);
    }
  }
  return { outcome: 'parsed', options, words };
}

/** The last value given for an option. */
export function lastOption(options: Options, name: string): string | undefined {
  return options.get(name)?.at(-1);
}

/** Makes a table from lines such as `-u --unit=VALUE`: all names of one option, `=` when it takes a value, `[=]` when it may. */
export function optionTable(...lines: readonly string[]): OptionTable {
  const table: Record<string, { name: string; value: boolean | 'optional' }> = {};
  for (const line of lines) {
    const value = line.includes('[=]') ? 'optional' : line.includes('=');
    const names = line.replace(/\[?=.*$/, '').split(' ');
    const canonical = (names.find((name) => name.startsWith('--')) ?? names[0] ?? '').replace(/^-+/, '');
    for (const name of names) table[name] = { name: canonical, value };
  }
  return table;
}
