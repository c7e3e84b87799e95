/** What `file,` alone stands for (parser/parser_yacc.y). */
export const EVERY_PATH = '/{**,}';
export const EVERY_MODE = 'rwlkmix';

/** What stands before a rule (apparmor.d(5), "Qualifiers"). */
export interface Qualifiers {
  readonly denied: boolean;
  /** What it is about is recorded, allowed or not. */
  readonly audited: boolean;
  /** Only of the caller's own files. */
  readonly owned: boolean;
}

/** A rule of a profile as it is written, variables expanded. `written` is without its comma. */
export type WrittenRule = Qualifiers & { readonly written: string } & (
    | { readonly about: 'file'; readonly paths: readonly string[]; readonly mode: string }
    | { readonly about: 'capability' | 'network'; readonly words: readonly string[] }
    /** `mount`, `signal` and the like. */
    | { readonly about: 'other'; readonly head: string }
  );
