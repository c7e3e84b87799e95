import {
  CHOICES,
  DEPRECATED,
  GLOBAL_KEYWORDS,
  INTEGERS,
  KEYWORD_ALIASES,
  MANY_ARGUMENTS,
  MATCH_KEYWORDS,
  REFUSED,
} from './keywords.ts';

/** One line of sshd_config that says something. */
export interface Directive {
  /** Lower case, today's name. */
  readonly keyword: string;
  readonly args: readonly string[];
  readonly file: string;
  readonly line: number;
  /** The Match blocks around it, outermost first, all of which must hold. */
  readonly within: readonly MatchBlock[];
}

export type MatchBlock = readonly { readonly attribute: string; readonly pattern: string }[];

export type ParsedConfig =
  | { readonly outcome: 'valid'; readonly directives: readonly Directive[]; readonly warnings: readonly string[] }
  /** The lines that sshd writes before it ends with status 255. */
  | { readonly outcome: 'invalid'; readonly lines: readonly string[] };

/** Reads the files a path or glob of `Include` names, in order of name; none when nothing matches. */
export type ReadConfig = (pattern: string) => Promise<readonly { readonly path: string; readonly text: string }[]>;

const MATCH_ATTRIBUTES = new Set(['user', 'group', 'host', 'address', 'localaddress', 'localport', 'all']);
const MAX_INCLUDE_DEPTH = 16; // servconf.c, SERVCONF_MAX_DEPTH
/** Files that include each other would otherwise be read 2^16 times; the learner writes them. */
const MAX_INCLUDED_FILES = 200;

/** Parses sshd_config and what it includes, with the complaints of OpenSSH 9.2 (servconf.c, process_server_config_line_depth). */
export async function parseConfig(path: string, read: ReadConfig): Promise<ParsedConfig> {
  const [main] = await read(path);
  if (main === undefined) return { outcome: 'invalid', lines: [`${path}: No such file or directory`] };
  const parse: Parse = { directives: [], warnings: [], bad: [], files: 0, read };
  try {
    await parseText(parse, main, [], 0);
  } catch (error) {
    if (error instanceof FatalLine) return { outcome: 'invalid', lines: [...parse.bad, error.message] };
    throw error;
  }
  const { bad, directives, warnings } = parse;
  if (bad.length === 0) return { outcome: 'valid', directives, warnings };
  return { outcome: 'invalid', lines: [...bad, `${path}: terminating, ${bad.length} bad configuration options`] };
}

interface Parse {
  readonly directives: Directive[];
  readonly warnings: string[];
  readonly bad: string[];
  files: number;
  readonly read: ReadConfig;
}

/** A line at which sshd gives up at once. */
class FatalLine extends Error {}

async function parseText(
  parse: Parse,
  file: { readonly path: string; readonly text: string },
  outer: readonly MatchBlock[],
  depth: number,
): Promise<void> {
  let within = outer; // a Match inside an included file ends with that file
  for (const [i, raw] of file.text.split('\n').entries()) {
    const words = splitLine(raw);
    const name = words[0];
    if (name === undefined) continue;
    const at = { file: file.path, line: i + 1 };
    const where = `${at.file} line ${at.line}:`;
    const keyword = KEYWORD_ALIASES[name.toLowerCase()] ?? name.toLowerCase();
    if (DEPRECATED.has(keyword)) {
      parse.warnings.push(`${where} Deprecated option ${name}`);
      continue;
    }
    if (!GLOBAL_KEYWORDS.has(keyword) && !MATCH_KEYWORDS.has(keyword)) {
      parse.bad.push(`${at.file}: line ${at.line}: Bad configuration option: ${name}`);
      continue;
    }
    if (within.length > 0 && !MATCH_KEYWORDS.has(keyword)) {
      throw new FatalLine(`${where} Directive '${name}' is not allowed within a Match block`);
    }
    const args = words.slice(1);
    if (keyword === 'match') {
      within = [...outer, matchBlock(args, where)];
      continue;
    }
    const complaint = argumentComplaint(name, keyword, args);
    if (complaint !== undefined) throw new FatalLine(`${where} ${complaint}`);
    if (args.length > 1 && !MANY_ARGUMENTS.has(keyword)) {
      parse.bad.push(`${where} keyword ${name} extra arguments at end of line`);
      continue;
    }
    if (keyword === 'include') {
      const tooMany = depth === MAX_INCLUDE_DEPTH || ++parse.files > MAX_INCLUDED_FILES;
      if (tooMany) throw new FatalLine(`${where} Too many recursive configuration includes`);
      for (const pattern of args) {
        const included = await parse.read(pattern.startsWith('/') ? pattern : `/etc/ssh/${pattern}`);
        for (const inner of included) await parseText(parse, inner, within, depth + 1);
      }
      continue;
    }
    parse.directives.push({ keyword, args, ...at, within });
  }
}

function argumentComplaint(name: string, keyword: string, args: readonly string[]): string | undefined {
  const [value] = args;
  if (keyword === 'port') {
    if (value === undefined) return 'missing port number.';
    const port = Number(value);
    return Number.isInteger(port) && port >= 1 && port <= 65_535 ? undefined : 'Badly formatted port number.';
  }
  if (value === undefined) return `${name} missing argument.`;
  const choices = CHOICES[keyword];
  if (choices !== undefined && !choices.includes(value.toLowerCase())) return `unsupported option "${value}".`;
  if (INTEGERS.has(keyword) && !/^\d+$/.test(value)) return `${name} integer value invalid.`;
  const harmless = REFUSED[keyword];
  if (harmless !== undefined && value.toLowerCase() !== harmless)
    return `not simulated: ${name} ${args.join(' ')}; remove it`;
  return undefined;
}

function matchBlock(args: readonly string[], where: string): MatchBlock {
  const conditions: { attribute: string; pattern: string }[] = [];
  for (let i = 0; i < args.length; i++) {
    const [attribute = '', ...inline] = (args[i] ?? '').split('=');
    const known = attribute.toLowerCase();
    if (known === 'rdomain' || known === 'invalid-user')
      throw new FatalLine(`${where} not simulated: Match ${attribute}`);
    if (!MATCH_ATTRIBUTES.has(known))
      throw new FatalLine(`Unsupported Match attribute ${attribute}\n${where} Bad Match condition`);
    const pattern = known === 'all' ? '' : inline.length > 0 ? inline.join('=') : args[++i];
    if (pattern === undefined)
      throw new FatalLine(`Missing Match criteria for ${attribute}\n${where} Bad Match condition`);
    conditions.push({ attribute: known, pattern });
  }
  if (conditions.length === 0) throw new FatalLine(`${where} Bad Match condition`);
  return conditions;
}

/** Words of a line: blanks or one `=` after the keyword part them, double quotes hold them together, `#` begins a comment. */
function splitLine(line: string): string[] {
  const words = [...line.trim().matchAll(/"([^"]*)"|(#.*)|([^\s"]+)/g)];
  const end = words.findIndex((match) => match[2] !== undefined);
  const text = (end < 0 ? words : words.slice(0, end)).map((match) => match[1] ?? match[3] ?? '');
  const [keyword, ...rest] = text;
  if (keyword === undefined) return [];
  const equals = keyword.indexOf('=');
  if (equals > 0)
    return [keyword.slice(0, equals), ...(equals < keyword.length - 1 ? [keyword.slice(equals + 1)] : []), ...rest];
  return rest[0] === '=' ? [keyword, ...rest.slice(1)] : text;
}
