/** Where something stands in rules: the file, the item in it, and so on inwards. Lines and columns count from 0, as yaml-cpp's. */
export interface Place {
  /** `rule`, `rule condition`, `value for`, as upstream's `item_type_strings` (userspace/engine/rule_loader.cpp). */
  readonly what: string;
  /** Empty where it has none. */
  readonly name: string;
  /** The file's path, or the begin of a condition. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export interface Context {
  readonly places: readonly Place[];
  /** The line that it is about, with the place in it; undefined where there is none. */
  readonly shown: { readonly line: string; readonly column: number } | undefined;
}

export const ERRORS = {
  LOAD_ERR_FILE_READ: 'File read error',
  LOAD_ERR_YAML_PARSE: 'YAML parse error',
  LOAD_ERR_YAML_VALIDATE: 'Error validating internal structure of YAML file',
  LOAD_ERR_COMPILE_CONDITION: 'Error compiling condition',
  LOAD_ERR_COMPILE_OUTPUT: 'Error compiling output',
  LOAD_ERR_VALIDATE: 'Error validating rule/macro/list/exception objects',
} as const;
export type ErrorCode = keyof typeof ERRORS;

export const WARNINGS = {
  LOAD_UNKNOWN_SOURCE: 'Unknown event source',
  LOAD_NO_EVTTYPE: 'Condition has no event-type restriction',
  LOAD_UNKNOWN_FILTER: 'Unknown field or event-type in condition or output',
  LOAD_UNKNOWN_ITEM: 'Unknown rules file item',
  LOAD_DEPRECATED_ITEM: 'Used deprecated item',
  LOAD_APPEND_NO_VALUES: 'Overriding/appending with no values',
} as const;
export type WarningCode = keyof typeof WARNINGS;

/** What keeps rules from being loaded. */
export class LoadError extends Error {
  override readonly name = 'LoadError';
  readonly code: ErrorCode;
  readonly context: Context;
  constructor(code: ErrorCode, message: string, context: Context) {
    super(message);
    this.code = code;
    this.context = context;
  }
}

export interface LoadWarning {
  readonly code: WarningCode;
  readonly message: string;
  readonly context: Context;
}

export type Warn = (code: WarningCode, message: string, context: Context) => void;

/** How loading a file of rules went; falco stops at the first error. */
export interface LoadResult {
  readonly name: string;
  readonly error: LoadError | undefined;
  readonly warnings: readonly LoadWarning[];
}

/** The result as falco tells it (userspace/engine/rule_loader.cpp, `as_verbose_string`), without a line's end. */
export function resultText({ name, error, warnings }: LoadResult): string {
  const found = (code: string, kind: string, message: string, context: Context): string => {
    const shown = context.shown;
    const snippet = shown === undefined ? ['<No context available>'] : [shown.line, `${' '.repeat(shown.column)}^`];
    return [...placesText(context), '------', ...snippet, '------', `${code} (${kind}): ${message}`].join('\n');
  };
  if (error !== undefined) {
    const { code, message, context } = error;
    return `${name}: Invalid\n1 Errors:\n${found(code, ERRORS[code], message, context)}`;
  }
  if (warnings.length === 0) return `${name}: Ok`;
  const all = warnings.map(({ code, message, context }) => found(code, WARNINGS[code], message, context));
  return `${name}: Ok, with warnings\n${warnings.length} Warnings:\n${all.join('\n')}`;
}

const placesText = ({ places }: Context): readonly string[] =>
  places.map(({ what, name, file, line, column }, i) => {
    const called = name === '' ? what : `${what} '${name}'`;
    return `${i === 0 ? 'In ' : '    '}${called}: (${file}:${line}:${column})`;
  });
