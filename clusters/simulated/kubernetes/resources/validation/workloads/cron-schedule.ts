interface Range {
  readonly low: number;
  readonly high: number;
  readonly names?: Readonly<Record<string, number>>;
}

const named = (names: string, from: number): Readonly<Record<string, number>> =>
  Object.fromEntries(names.split(' ').map((name, i) => [name, i + from]));

/** Minute, hour, day of month, month, day of week: robfig/cron/v3 spec.go. */
const FIELDS: readonly Range[] = [
  { low: 0, high: 59 },
  { low: 0, high: 23 },
  { low: 1, high: 31 },
  { low: 1, high: 12, names: named('jan feb mar apr may jun jul aug sep oct nov dec', 1) },
  { low: 0, high: 6, names: named('sun mon tue wed thu fri sat', 0) },
];
const DESCRIPTORS = new Set(['@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly']);

/** What cron.ParseStandard says of a schedule; undefined when it is one. */
export function cronError(schedule: string): string | undefined {
  if (schedule === '') return 'empty spec string';
  let text = schedule;
  if (text.startsWith('TZ=') || text.startsWith('CRON_TZ=')) {
    const gap = text.indexOf(' ');
    const zone = text.slice(text.indexOf('=') + 1, gap);
    if (gap < 0 || !isTimeZone(zone)) return `provided bad location ${zone}: unknown time zone ${zone}`;
    text = text.slice(gap).trim();
  }
  if (text.startsWith('@')) return descriptorError(text);
  const parts = text.split(/\s+/).filter(Boolean);
  if (parts.length !== FIELDS.length) {
    return `expected exactly ${FIELDS.length} fields, found ${parts.length}: [${parts.join(' ')}]`;
  }
  for (const [i, range] of FIELDS.entries()) {
    for (const expression of (parts[i] ?? '').split(',')) {
      const wrong = rangeError(expression, range);
      if (wrong !== undefined) return wrong;
    }
  }
  return undefined;
}

/** Whether it is a zone of the IANA's list. */
export function isTimeZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

function descriptorError(text: string): string | undefined {
  if (DESCRIPTORS.has(text)) return undefined;
  if (!text.startsWith('@every ')) return `unrecognized descriptor: ${text}`;
  const duration = text.slice('@every '.length);
  if (/^[-+]?(\d+(\.\d*)?(ns|us|µs|ms|s|m|h))+$/.test(duration) || duration === '0') return undefined;
  return `failed to parse duration ${text}: time: invalid duration ${JSON.stringify(duration)}`;
}

/** getRange: `*`, `?`, `5`, `1-5`, any of them with `/step`. */
function rangeError(expression: string, { low, high, names }: Range): string | undefined {
  const [span = '', step, ...more] = expression.split('/');
  const [first = '', last, ...rest] = span.split('-');
  let [start, end] = [low, high];
  if (first !== '*' && first !== '?') {
    const from = numberOf(first, names);
    if (typeof from === 'string') return from;
    start = from;
    end = from;
    if (rest.length > 0) return `too many hyphens: ${expression}`;
    if (last !== undefined) {
      const to = numberOf(last, names);
      if (typeof to === 'string') return to;
      end = to;
    }
  }
  if (more.length > 0) return `too many slashes: ${expression}`;
  let by = 1;
  if (step !== undefined) {
    const parsed = numberOf(step, undefined);
    if (typeof parsed === 'string') return parsed;
    by = parsed;
    if (last === undefined) end = high;
  }
  if (start < low) return `beginning of range (${start}) below minimum (${low}): ${expression}`;
  if (end > high) return `end of range (${end}) above maximum (${high}): ${expression}`;
  if (start > end) return `beginning of range (${start}) beyond end of range (${end}): ${expression}`;
  if (by === 0) return `step of range should be a positive number: ${expression}`;
  return undefined;
}

/** parseIntOrName; a text is what is wrong. */
function numberOf(text: string, names: Range['names']): number | string {
  const known = names?.[text.toLowerCase()];
  if (known !== undefined) return known;
  if (/^[+-]?\d+$/.test(text)) {
    const value = Number(text);
    return value < 0 ? `negative number (${value}) not allowed: ${text}` : value;
  }
  return `failed to parse int from ${text}: strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`;
}
