import ipaddr from 'ipaddr.js';
import { parseDuration } from './duration.ts';
import { API_SERVER, type FlagSet, type FlagType } from './table.ts';

/** A value in its flag's own type; durations are seconds, a port range is `from-to`, feature gates are pairs. */
export type FlagValue = string | number | boolean | readonly string[] | Readonly<Record<string, string>>;

export type ParsedFlags = { readonly ok: ReadonlyMap<string, FlagValue> } | { readonly failed: string };

type Read = { readonly value: FlagValue } | { readonly problem: string };

/**
 * Reads the command line of a program (without its own name), kube-apiserver's unless said, as pflag does: `--name value`,
 * `--name=value`, `--flag` for booleans, underscores for dashes. The map holds what was given, by name. `failed` is what the real binary prints before it exits,
 * for instance `Error: unknown flag: --foo`.
 */
export function parseFlags(argv: readonly string[], { program, flags }: FlagSet = API_SERVER): ParsedFlags {
  const values = new Map<string, FlagValue>();
  const rest: string[] = [];
  for (let at = 0; at < argv.length; at += 1) {
    const word = argv[at] ?? '';
    if (word === '--') {
      rest.push(...argv.slice(at + 1));
      break;
    }
    if (!word.startsWith('-') || word === '-') {
      rest.push(word);
      continue;
    }
    const short = !word.startsWith('--');
    const given = word.slice(short ? 1 : 2);
    if (given === '' || given.startsWith('-') || given.startsWith('='))
      return { failed: `Error: bad flag syntax: ${word}` };
    const equals = given.indexOf('=');
    const shown = equals < 0 ? given : given.slice(0, equals);
    const name = shown.replaceAll('_', '-');
    if (short && name !== 'v' && name !== 'h')
      return { failed: `Error: unknown shorthand flag: '${given[0] ?? ''}' in ${word}` };
    const type = flags.get(name === 'h' ? 'help' : name);
    if (type === undefined) return { failed: `Error: unknown flag: --${name}` };
    let text = equals < 0 ? undefined : given.slice(equals + 1);
    if (text === undefined && (type === 'bool' || name === 'v')) text = type === 'bool' ? 'true' : undefined;
    if (text === undefined) {
      at += 1;
      text = argv[at];
      if (text === undefined)
        return { failed: `Error: flag needs an argument: ${short ? `'${name}' in ${word}` : `--${name}`}` };
    }
    const read = readValue(type, text, values.get(name));
    if ('problem' in read) {
      const flag = name === 'v' ? '-v, --v' : `--${name}`;
      return { failed: `Error: invalid argument ${JSON.stringify(text)} for "${flag}" flag: ${read.problem}` };
    }
    values.set(name, read.value);
  }
  if (rest.length > 0) {
    const shown = rest.map((word) => JSON.stringify(word)).join(' ');
    return { failed: `Error: "${program}" does not take any arguments, got [${shown}]` };
  }
  return { ok: values };
}

const TRUE = new Set(['1', 't', 'T', 'true', 'TRUE', 'True']);
const FALSE = new Set(['0', 'f', 'F', 'false', 'FALSE', 'False']);

function readValue(type: FlagType, text: string, before: FlagValue | undefined): Read {
  switch (type) {
    case 'string':
      return { value: text };
    case 'strings':
      return {
        value: [...(Array.isArray(before) ? (before as string[]) : []), ...(text === '' ? [] : text.split(','))],
      };
    case 'stringArray':
      return { value: [...(Array.isArray(before) ? (before as string[]) : []), text] };
    case 'bool':
      if (TRUE.has(text)) return { value: true };
      if (FALSE.has(text)) return { value: false };
      return { problem: `strconv.ParseBool: parsing ${JSON.stringify(text)}: invalid syntax` };
    case 'int32s':
      return readNumbers(text, before);
    case 'gates':
      return { value: [...(Array.isArray(before) ? (before as string[]) : []), ...text.split(',').filter(Boolean)] };
    case 'int':
      return readInt(text, 'ParseInt', /^[-+]?\d+$/);
    case 'int32':
      return readInt(text, 'ParseInt', /^[-+]?\d+$/, 31n);
    case 'uint':
      return readInt(text, 'ParseUint', /^\d+$/);
    case 'float':
      if (text.trim() === text && text !== '' && Number.isFinite(Number(text))) return { value: Number(text) };
      return { problem: `strconv.ParseFloat: parsing ${JSON.stringify(text)}: invalid syntax` };
    case 'duration': {
      const parsed = parseDuration(text);
      return 'failed' in parsed ? { problem: parsed.failed } : { value: parsed.seconds };
    }
    case 'ip':
      return ipaddr.isValid(text.trim())
        ? { value: text.trim() }
        : { problem: `failed to parse IP: ${JSON.stringify(text)}` };
    case 'portRange':
      return readPortRange(text);
    case 'map':
      return readMap(text, before);
    case 'quantity':
      return /^\d+(\.\d+)?([KMGTPE]i?|[mkE])?$/.test(text)
        ? { value: text }
        : { problem: "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'" };
    default:
      return type satisfies never;
  }
}

function readInt(text: string, parser: string, shape: RegExp, bits = 63n): Read {
  if (!shape.test(text)) return { problem: `strconv.${parser}: parsing ${JSON.stringify(text)}: invalid syntax` };
  const number = BigInt(text.replace('+', ''));
  if (number >= 2n ** bits || number < -(2n ** bits)) {
    return { problem: `strconv.${parser}: parsing ${JSON.stringify(text)}: value out of range` };
  }
  return { value: Number(number) };
}

/** apimachinery/pkg/util/net/port_range.go */
function readPortRange(text: string): Read {
  const trimmed = text.trim();
  const range = /^(\d+)-(\d+)$/.exec(trimmed);
  const plus = /^(\d+)\+(\d+)$/.exec(trimmed);
  const single = /^\d+$/.exec(trimmed);
  if (range === null && plus === null && single === null) {
    return { problem: `unable to parse port range: ${text}` };
  }
  const from = Number(range?.[1] ?? plus?.[1] ?? trimmed);
  const to = range !== null ? Number(range[2]) : plus !== null ? from + Number(plus[2]) : from;
  if (from > 65535 || to > 65535) return { problem: `the port range cannot be greater than 65535: ${text}` };
  if (from > to) return { problem: `end port cannot be less than start port: ${text}` };
  return { value: `${from}-${to}` };
}

function readMap(text: string, before: FlagValue | undefined): Read {
  const merged: Record<string, string> = {
    ...(typeof before === 'object' && !Array.isArray(before) ? (before as Record<string, string>) : {}),
  };
  for (const pair of text.split(',')) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    const key = (equals < 0 ? pair : pair.slice(0, equals)).trim();
    merged[key] = equals < 0 ? '' : pair.slice(equals + 1).trim();
  }
  return { value: merged };
}

/** pflag's int32 slice: a list of numbers, kept as they were written. */
function readNumbers(text: string, before: FlagValue | undefined): Read {
  for (const part of text.split(',')) {
    const read = readInt(part, 'ParseInt', /^[-+]?\d+$/);
    if ('problem' in read) return read;
  }
  return { value: [...(Array.isArray(before) ? (before as string[]) : []), ...text.split(',')] };
}
