/** metav1.Duration: Go's text for a duration (`1h2m3.5s`) and nanoseconds, as time.ParseDuration and Duration.String have them. */
class DurationError extends Error {
  override readonly name = 'DurationError';
}

const units: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  μs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
};

/** Nanoseconds; throws DurationError with Go's text. */
export function parseDuration(text: string): number {
  if (text === '0') return 0;
  const body = text.replace(/^[+-]/, '');
  const parts = [...body.matchAll(/([0-9]+\.?[0-9]*|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h)/g)];
  if (parts.length === 0 || parts.map(([whole]) => whole).join('') !== body) {
    const missing = /^([0-9]+\.?[0-9]*|\.[0-9]+)$/.test(body);
    throw new DurationError(`time: ${missing ? 'missing unit in' : 'invalid'} duration ${JSON.stringify(text)}`);
  }
  const total = parts.reduce((sum, [, number = '0', unit = 's']) => sum + Number(number) * (units[unit] ?? 0), 0);
  return Math.round(total) * (text.startsWith('-') ? -1 : 1);
}

/** The canonical text: `1m0s`, `1h0m0s`, `1.5s`, `10ms`, `0s`. */
export function formatDuration(nanoseconds: number): string {
  if (nanoseconds === 0) return '0s';
  const sign = nanoseconds < 0 ? '-' : '';
  const size = Math.abs(nanoseconds);
  if (size < 1e3) return `${sign}${size}ns`;
  if (size < 1e6) return `${sign}${size / 1e3}µs`;
  if (size < 1e9) return `${sign}${size / 1e6}ms`;
  const hours = Math.floor(size / 3600e9);
  const minutes = Math.floor((size % 3600e9) / 60e9);
  const seconds = (size % 60e9) / 1e9;
  return `${sign}${hours > 0 ? `${hours}h` : ''}${size >= 60e9 ? `${minutes}m` : ''}${seconds}s`;
}
