/** Values as given, by flag name without dashes, each of the flag's own type. Absent ones have their defaults filled in by `serverConfig`. */
export type FlagValue = string | number | boolean | readonly string[] | Readonly<Record<string, string>>;

export type ParsedFlags = { readonly ok: ReadonlyMap<string, FlagValue> } | { readonly failed: string };

/**
 * Reads kube-apiserver's command line (without the program's own name) as pflag does. `failed` is the text that the real binary prints
 * before it exits, for instance `Error: unknown flag: --foo`.
 */
export function parseFlags(_argv: readonly string[]): ParsedFlags {
  throw new Error('in the making');
}
