import { spend, weightOf } from '../budget.ts';

const VERB = /%(?:\.(\d{1,3}))?(.)/g;

/** `'%s has %d'.format([…])` with the verbs s d f e b x X o % (cel-go/ext/formatting.go). */
export function formatted(template: string, values: readonly unknown[]): string {
  let at = 0;
  return template.replaceAll(VERB, (_all, precision: string | undefined, verb: string) => {
    if (verb === '%') return '%';
    if (at >= values.length) throw new Error(`index ${at} out of range`);
    const value = values[at++];
    spend(1 + weightOf(value));
    return shown(verb, value, precision === undefined ? 6 : Number(precision));
  });
}

function shown(verb: string, value: unknown, precision: number): string {
  const refuse = (wanted: string): Error =>
    new Error(`error during formatting: ${wanted}, was given ${typeof value === 'bigint' ? 'int' : typeof value}`);
  switch (verb) {
    case 's':
      return text(value);
    case 'd':
      if (typeof value !== 'bigint' && typeof value !== 'number')
        throw refuse('decimal clause can only be used on numbers');
      return String(value);
    case 'f':
    case 'e':
      if (typeof value !== 'number' && typeof value !== 'bigint') {
        throw refuse(`${verb === 'f' ? 'fixed-point' : 'scientific'} clause can only be used on doubles`);
      }
      return verb === 'f' ? Number(value).toFixed(precision) : exponent(Number(value), precision);
    case 'b':
      if (typeof value === 'boolean') return value ? '1' : '0';
      if (typeof value !== 'bigint') throw refuse('only integers and bools can be formatted as binary');
      return value.toString(2);
    case 'x':
    case 'X': {
      const hex =
        typeof value === 'bigint'
          ? value.toString(16)
          : typeof value === 'string'
            ? Buffer.from(value).toString('hex')
            : undefined;
      if (hex === undefined) throw refuse('only integers, byte buffers, and strings can be formatted as hex');
      return verb === 'X' ? hex.toUpperCase() : hex;
    }
    case 'o':
      if (typeof value !== 'bigint') throw refuse('octal clause can only be used on integers');
      return value.toString(8);
    default:
      throw new Error(`could not parse formatting clause: unrecognized formatting clause "${verb}"`);
  }
}

/** Go's exponents have two digits at least. */
const exponent = (value: number, precision: number): string =>
  value.toExponential(precision).replace(/e([+-])(\d)$/, 'e$10$2');

function text(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'bigint' || typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (value === null || value === undefined) return 'null';
  if (Array.isArray(value)) return `[${value.map(text).join(', ')}]`;
  const entries = value instanceof Map ? [...value] : Object.entries(value);
  return `{${entries
    .map(([key, part]): [string, string] => [text(key), text(part)])
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, part]) => `${key}: ${part}`)
    .join(', ')}}`;
}
