export interface TomlComplaint {
  readonly row: number;
  readonly column: number;
  readonly reason: string;
}

/** Opening of a value that goes on over several lines, and what closes it. */
const LONG_STRINGS = ['"""', "'''"] as const;

/**
 * Why a text is not TOML, in the words of the parser that containerd uses (github.com/pelletier/go-toml/v2, unstable/parser.go);
 * undefined where nothing is found. It looks at the shape of lines: keys given twice and dates that do not exist pass.
 */
export function tomlComplaint(text: string): TomlComplaint | undefined {
  let open: string | number = 0; // a string's closing quotes, or how many brackets of an array are open
  for (const [index, line] of text.split('\n').entries()) {
    if (typeof open === 'string') {
      if (line.includes(open)) open = 0;
      continue;
    }
    if (open > 0) {
      open += depthOf(line);
      continue;
    }
    const column = line.search(/[^\t \r]/) + 1;
    if (column === 0 || line[column - 1] === '#' || /^\s*\[{1,2}[^[\]]+\]{1,2}\s*(?:#.*)?$/.test(line)) continue;
    const wrong = (reason: string, at = column): TomlComplaint => ({ row: index + 1, column: at, reason });
    const key = /^\s*(?:(?:[\w-]+|"[^"]*"|'[^']*')[\t ]*\.?[\t ]*)+/.exec(line)?.[0];
    if (key === undefined)
      return wrong(`invalid character at start of key: ${String.fromCodePoint(line.codePointAt(column - 1) ?? 0)}`);
    if (line[key.length] !== '=') return wrong('expected character =', key.length + 1);
    const value = line.slice(key.length + 1).trim();
    if (value === '' || value.startsWith('#')) return wrong('incomplete number', key.length + 2);
    const long = LONG_STRINGS.find((quotes) => value.startsWith(quotes));
    if (long !== undefined) open = value.includes(long, long.length) ? 0 : long;
    else if (/^"(?:[^"\\]|\\.)*$/.test(value)) return wrong('basic string not terminated by "', key.length + 2);
    else if (/^'[^']*$/.test(value)) return wrong('unterminated literal string', key.length + 2);
    else if (value.startsWith('[')) open = depthOf(value);
  }
  return undefined;
}

/** Brackets that a line opens less those it closes, outside of strings and comments. */
function depthOf(line: string): number {
  const bare = line.replaceAll(/"(?:[^"\\]|\\.)*"|'[^']*'|#.*/g, '');
  return bare.split('[').length - bare.split(']').length;
}
