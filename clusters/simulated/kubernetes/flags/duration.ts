const UNIT_SECONDS: Readonly<Record<string, number>> = {
  ns: 1e-9,
  us: 1e-6,
  µs: 1e-6,
  ms: 1e-3,
  s: 1,
  m: 60,
  h: 3600,
};

/** Go's time.ParseDuration, in seconds; `failed` is its error. */
export function parseDuration(text: string): { readonly seconds: number } | { readonly failed: string } {
  const [, sign = '', body = ''] = /^([-+]?)(.*)$/s.exec(text) ?? [];
  if (body === '0') return { seconds: 0 };
  const invalid = { failed: `time: invalid duration ${JSON.stringify(text)}` };
  if (body === '') return invalid;
  let seconds = 0;
  let rest = body;
  while (rest !== '') {
    const [all = '', number = '', unit = ''] = /^(\d+\.?\d*|\.\d+)([^\d.]*)/.exec(rest) ?? [];
    if (number === '') return invalid;
    if (unit === '') return { failed: `time: missing unit in duration ${JSON.stringify(text)}` };
    const size = UNIT_SECONDS[unit];
    if (size === undefined)
      return { failed: `time: unknown unit ${JSON.stringify(unit)} in duration ${JSON.stringify(text)}` };
    seconds += Number(number) * size;
    rest = rest.slice(all.length);
  }
  return { seconds: sign === '-' ? -seconds : seconds };
}
