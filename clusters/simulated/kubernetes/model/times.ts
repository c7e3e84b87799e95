/** metav1.Time and MicroTime (apimachinery/pkg/apis/meta/v1/time.go, micro_time.go) with the errors of Go's time.Parse. */
export class TimeError extends Error {
  override readonly name = 'TimeError';
}

const seconds = '2006-01-02T15:04:05Z07:00';
const micros = '2006-01-02T15:04:05.000000Z07:00';

/** RFC 3339 in whole seconds and UTC; a fraction is dropped. Throws TimeError. */
export function canonicalTime(text: string): string {
  if (known.has(text)) return text;
  if (/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(text) && !Number.isNaN(Date.parse(text)))
    return remembered(rangeChecked(text));
  const parts = parse(text, seconds);
  return `${new Date(parts.milliseconds).toISOString().slice(0, 19)}Z`;
}

/** Times found canonical lately: those of an object are read again with each patch of it. */
const known = new Set<string>();
const MOST_KNOWN = 500;

function remembered(text: string): string {
  if (known.size >= MOST_KNOWN) known.clear();
  known.add(text);
  return text;
}

/** RFC 3339 with six decimals in UTC. Throws TimeError, also for a fraction of another length. */
export function canonicalMicroTime(text: string): string {
  const { milliseconds, fraction } = parse(text, micros);
  return `${new Date(milliseconds).toISOString().slice(0, 19)}.${fraction}Z`;
}

/** JavaScript takes 24:00:00 and 31 February, which Go does not. */
function rangeChecked(text: string): string {
  if (new Date(text).toISOString().slice(0, 19) !== text.slice(0, 19)) parse(text, seconds);
  return text;
}

/** The elements of the layouts in order: a pattern, and what the error calls it. */
const elements: readonly (readonly [RegExp, string])[] = [
  [/^\d{4}/, '2006'],
  [/^-/, '-'],
  [/^\d\d/, '01'],
  [/^-/, '-'],
  [/^\d\d/, '02'],
  [/^T/, 'T'],
  [/^\d\d/, '15'],
  [/^:/, ':'],
  [/^\d\d/, '04'],
  [/^:/, ':'],
  [/^\d\d/, '05'],
];

function parse(text: string, layout: string): { milliseconds: number; fraction: string } {
  let rest = text;
  const taken: string[] = [];
  const take = (pattern: RegExp, label: string): string => {
    const found = pattern.exec(rest)?.[0];
    if (found === undefined)
      throw new TimeError(
        `parsing time ${JSON.stringify(text)} as "${layout}": cannot parse ${JSON.stringify(rest)} as "${label}"`,
      );
    rest = rest.slice(found.length);
    return found;
  };
  for (const [pattern, label] of elements) taken.push(take(pattern, label));
  const fraction = layout === micros ? take(/^\.\d{6}(?!\d)/, '.000000').slice(1) : (/^[.,]\d+/.exec(rest)?.[0] ?? '');
  if (layout === seconds) rest = rest.slice(fraction.length);
  const zone = take(/^(Z|[+-]\d\d:\d\d)/, 'Z07:00');
  if (rest !== '') throw new TimeError(`parsing time ${JSON.stringify(text)}: extra text: ${JSON.stringify(rest)}`);
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = taken
    .filter((part) => /^\d/.test(part))
    .map(Number);
  const outOfRange = (what: string): TimeError =>
    new TimeError(`parsing time ${JSON.stringify(text)}: ${what} out of range`);
  if (month < 1 || month > 12) throw outOfRange('month');
  if (day < 1 || day > new Date(Date.UTC(year, month, 0)).getUTCDate()) throw outOfRange('day');
  if (hour > 23) throw outOfRange('hour');
  if (minute > 59) throw outOfRange('minute');
  if (second > 59) throw outOfRange('second');
  const offset =
    zone === 'Z' ? 0 : (Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4))) * (zone.startsWith('-') ? -1 : 1);
  const at = new Date(0);
  at.setUTCFullYear(year, month - 1, day);
  at.setUTCHours(hour, minute - offset, second);
  return { milliseconds: at.getTime(), fraction };
}
