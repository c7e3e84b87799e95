/** The flags of one docker command, each with all its names: `-d --detach`. */
export interface FlagSpec {
  readonly booleans?: readonly string[];
  readonly values?: readonly string[];
  /** Flags that docker has and a lab does not model, without dashes. */
  readonly refused?: readonly string[];
}

/** Given values by long name, in order; a boolean that is set has `true`. */
export type Flags = ReadonlyMap<string, readonly string[]>;

export type ParsedFlags =
  | { readonly outcome: 'parsed'; readonly flags: Flags; readonly words: readonly string[] }
  /** pflag's words, or that it is not simulated. */
  | { readonly outcome: 'wrong'; readonly complaint: string };

/**
 * Reads arguments as docker does, whose words of complaint are those of github.com/spf13/pflag. With `stopAtWord` the first word ends
 * the flags, as in `docker run IMAGE COMMAND`.
 */
export function parseFlags(args: readonly string[], spec: FlagSpec, stopAtWord: boolean): ParsedFlags {
  const kinds = new Map<string, { readonly name: string; readonly kind: 'boolean' | 'value' }>();
  for (const [kind, lines] of [
    ['boolean', spec.booleans ?? []],
    ['value', spec.values ?? []],
  ] as const)
    for (const line of lines) {
      const names = line.split(' ');
      const long = (names.find((name) => name.startsWith('--')) ?? names[0] ?? '').replace(/^-+/, '');
      for (const name of names) kinds.set(name, { name: long, kind });
    }
  const flags = new Map<string, string[]>();
  const words: string[] = [];
  const give = (name: string, value: string): void => void flags.set(name, [...(flags.get(name) ?? []), value]);
  const wrong = (complaint: string): ParsedFlags => ({ outcome: 'wrong', complaint });
  const isRefused = (name: string): boolean => spec.refused?.includes(name) === true;

  for (let i = 0; i < args.length; i++) {
    const arg = args[i] ?? '';
    if (arg === '--') {
      words.push(...args.slice(i + 1));
      break;
    }
    if (!arg.startsWith('-') || arg === '-') {
      if (stopAtWord) {
        words.push(...args.slice(i));
        break;
      }
      words.push(arg);
    } else if (arg.startsWith('--')) {
      const [given = '', ...rest] = arg.split('=');
      const flag = kinds.get(given);
      if (isRefused(given.slice(2))) return wrong(`not simulated: ${given}`);
      if (flag === undefined) return wrong(`unknown flag: ${given}`);
      if (flag.kind === 'boolean') {
        const value = rest.length === 0 ? 'true' : booleanOf(rest.join('='));
        if (value === undefined)
          return wrong(
            `invalid argument ${JSON.stringify(rest.join('='))} for "${given}" flag: strconv.ParseBool: parsing ${JSON.stringify(rest.join('='))}: invalid syntax`,
          );
        if (value === 'true') give(flag.name, value);
        else flags.delete(flag.name);
      } else if (rest.length > 0) give(flag.name, rest.join('='));
      else {
        const value = args[++i];
        if (value === undefined) return wrong(`flag needs an argument: ${given}`);
        give(flag.name, value);
      }
    } else {
      for (let at = 1; at < arg.length; at++) {
        const letter = arg.charAt(at);
        const flag = kinds.get(`-${letter}`);
        if (isRefused(letter)) return wrong(`not simulated: -${letter}`);
        if (flag === undefined) return wrong(`unknown shorthand flag: '${letter}' in ${arg}`);
        if (flag.kind === 'boolean') {
          give(flag.name, 'true');
          continue;
        }
        const value = at + 1 < arg.length ? arg.slice(at + 1).replace(/^=/, '') : args[++i];
        if (value === undefined) return wrong(`flag needs an argument: '${letter}' in ${arg}`);
        give(flag.name, value);
        break;
      }
    }
  }
  return { outcome: 'parsed', flags, words };
}

/** Go's strconv.ParseBool. */
function booleanOf(text: string): 'true' | 'false' | undefined {
  if (['1', 't', 'T', 'true', 'TRUE', 'True'].includes(text)) return 'true';
  return ['0', 'f', 'F', 'false', 'FALSE', 'False'].includes(text) ? 'false' : undefined;
}

export const lastFlag = (flags: Flags, name: string): string | undefined => flags.get(name)?.at(-1);
