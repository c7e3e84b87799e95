import { TemplateError } from './template-error.ts';

/** A function of templates; what it throws ends the template. */
export type TemplateFunction = (...given: readonly unknown[]) => unknown;

export const isEmpty = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  value === false ||
  value === 0 ||
  value === '' ||
  (typeof value === 'object' && Object.keys(value).length === 0);

/** Go's %v. */
export function goText(value: unknown): string {
  if (value === null || value === undefined) return '<no value>';
  if (Array.isArray(value)) return `[${value.map(goText).join(' ')}]`;
  if (typeof value === 'object')
    return `map[${Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, one]) => `${key}:${goText(one)}`)
      .join(' ')}]`;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function compared(a: unknown, b: unknown): number {
  if (typeof a !== typeof b || (typeof a !== 'number' && typeof a !== 'string'))
    throw new TemplateError('incompatible types for comparison');
  return a < (b as typeof a) ? -1 : a === b ? 0 : 1;
}

const text = (value: unknown): string => {
  if (typeof value !== 'string') throw new TemplateError(`wrong type for value; expected string; got ${typeof value}`);
  return value;
};

function indexed(from: unknown, key: unknown): unknown {
  if (from === null || from === undefined) throw new TemplateError('index of untyped nil');
  if (Array.isArray(from)) {
    if (typeof key !== 'number') throw new TemplateError('cannot index slice/array with type string');
    if (key < 0 || key >= from.length) throw new TemplateError(`error calling index: index out of range: ${key}`);
    return from[key];
  }
  if (typeof from !== 'object') throw new TemplateError(`can't index item of type ${typeof from}`);
  return (from as Record<string, unknown>)[goText(key)];
}

/** `%s`, `%v`, `%d`, `%q`, `%t` and `%x` with widths; further verbs of Go's fmt are not told. */
function formatted(format: unknown, ...values: readonly unknown[]): string {
  const rest = [...values];
  return text(format).replaceAll(/%(-?)(\d*)([a-zA-Z%])/g, (whole, left: string, width: string, verb: string) => {
    if (verb === '%') return '%';
    if (!'svdqtx'.includes(verb)) throw new TemplateError(`not simulated: ${whole} in a format`);
    if (rest.length === 0) return `%!${verb}(MISSING)`;
    const value = rest.shift();
    const shown = verb === 'q' ? JSON.stringify(value) : verb === 'x' ? Number(value).toString(16) : goText(value);
    return left === '' ? shown.padStart(Number(width)) : shown.padEnd(Number(width));
  });
}

/** Functions of Go's text/template (funcs.go) and those that docker and crictl add (docker/cli templates/templates.go). */
export const FUNCTIONS: Readonly<Record<string, TemplateFunction>> = {
  eq: (first, ...others) => others.some((other) => first === other),
  ne: (a, b) => a !== b,
  lt: (a, b) => compared(a, b) < 0,
  le: (a, b) => compared(a, b) <= 0,
  gt: (a, b) => compared(a, b) > 0,
  ge: (a, b) => compared(a, b) >= 0,
  not: (value) => isEmpty(value),
  and: (...values) => values.find(isEmpty) ?? values.at(-1),
  or: (...values) => values.find((value) => !isEmpty(value)) ?? values.at(-1),
  len: (value) => (typeof value === 'string' ? Buffer.byteLength(value) : Object.keys(value ?? {}).length),
  index: (from, ...keys) => keys.reduce(indexed, from),
  slice: (from, start = 0, end) =>
    (typeof from === 'string' ? from : (from as readonly unknown[])).slice(Number(start), end as number | undefined),
  print: (...values) => values.map(goText).join(''),
  println: (...values) => `${values.map(goText).join(' ')}\n`,
  printf: formatted,
  json: (value) => JSON.stringify(value ?? null),
  split: (value, by) => text(value).split(text(by)),
  join: (values, by) => (values as readonly unknown[]).map(goText).join(text(by)),
  title: (value) => text(value).replaceAll(/\b[a-z]/g, (letter) => letter.toUpperCase()),
  lower: (value) => text(value).toLowerCase(),
  upper: (value) => text(value).toUpperCase(),
  pad: (value, before, after) =>
    text(value) === '' ? '' : `${' '.repeat(Number(before))}${text(value)}${' '.repeat(Number(after))}`,
  truncate: (value, most) => text(value).slice(0, Number(most)),
};
