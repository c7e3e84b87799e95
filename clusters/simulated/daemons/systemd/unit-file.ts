/** A piece of a unit's definition: the unit file itself or a drop-in. */
export interface Fragment {
  readonly path: string;
  readonly text: string;
}

/** A unit's settings by `Section.Key`, lists in order. An empty assignment has emptied what came before it. */
export type Settings = ReadonlyMap<string, readonly string[]>;

/**
 * Merges a unit file and its drop-ins in order, as systemd.unit(5) and systemd.syntax(7) say: comments with # or ;, a backslash at
 * the end of a line continues it, and an empty value resets a list.
 */
export function mergeFragments(fragments: readonly Fragment[]): Settings {
  const settings = new Map<string, string[]>();
  for (const { text } of fragments) {
    let section = '';
    for (const line of logicalLines(text)) {
      const header = /^\[(.+)\]$/.exec(line);
      if (header !== null) {
        section = header[1] ?? '';
        continue;
      }
      const equals = line.indexOf('=');
      if (equals < 1) continue; // systemd logs it and goes on
      const key = `${section}.${line.slice(0, equals).trim()}`;
      const value = line.slice(equals + 1).trim();
      settings.set(key, value === '' ? [] : [...(settings.get(key) ?? []), value]);
    }
  }
  return settings;
}

function logicalLines(text: string): string[] {
  const lines: string[] = [];
  let open = '';
  for (const raw of text.split('\n')) {
    const line = raw.trim();
    if (/^[#;]/.test(line)) continue;
    if (line.endsWith('\\')) {
      open += `${line.slice(0, -1).trim()} `;
      continue;
    }
    if (open + line !== '') lines.push(open + line);
    open = '';
  }
  if (open !== '') lines.push(open.trim());
  return lines;
}

/** The last value of a setting, as systemd takes it where a setting is no list. */
export function setting(settings: Settings, key: string): string | undefined {
  return settings.get(key)?.at(-1);
}

/** All words of a setting that holds lists of words, such as `Install.WantedBy`. */
export function settingWords(settings: Settings, key: string): string[] {
  return (settings.get(key) ?? []).flatMap((value) => splitWords(value));
}

/** Splits at blanks; quotes of either kind hold words together (systemd.syntax(7), "Quoting"). */
export function splitWords(line: string): string[] {
  const words: string[] = [];
  for (const match of line.matchAll(
    /(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|((?:[^\s"'\\]|\\.)(?:[^\s\\]|\\.)*))/g,
  )) {
    const word = match[1] ?? match[2] ?? match[3] ?? '';
    words.push(word.replaceAll(/\\(.)/g, '$1'));
  }
  return words;
}

/**
 * The argument list of a command line (systemd.service(5), "Command lines"): prefix characters go, `$NAME` as a word of its own
 * becomes as many words as its value has, `${NAME}` stays inside its word.
 */
export function commandArguments(line: string, environment: Readonly<Record<string, string>>): string[] {
  return splitWords(line.replace(/^[-@:+!]+/, '')).flatMap((word) => {
    const alone = /^\$([A-Za-z_]\w*)$/.exec(word)?.[1];
    if (alone !== undefined) return splitWords(environment[alone] ?? '');
    return [word.replaceAll(/\$\{([A-Za-z_]\w*)\}/g, (_, name: string) => environment[name] ?? '')];
  });
}

/** Variables of `Environment=` lines, or of an environment file when it is split into lines first. */
export function assignments(words: readonly string[]): Record<string, string> {
  const result: Record<string, string> = {};
  for (const word of words) {
    const equals = word.indexOf('=');
    if (equals > 0) result[word.slice(0, equals)] = word.slice(equals + 1);
  }
  return result;
}

/** Reads an `EnvironmentFile=`: one assignment a line, comments with # or ;, quotes around the value go. */
export function environmentFile(text: string): Record<string, string> {
  return assignments(logicalLines(text).map((line) => line.replace(/=(["'])(.*)\1$/, '=$2')));
}
