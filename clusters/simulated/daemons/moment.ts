const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/**
 * The time that `--since` and `--until` of docker and crictl name: so long ago (`10m`, `1h30m`), a date with or without a time, or seconds
 * since 1970 (moby api/types/time/timestamp.go). Milliseconds since 1970; undefined where it is none of these.
 */
export function momentOf(text: string, now: number): number | undefined {
  if (/^(?:\d+(?:\.\d+)?(?:ms|s|m|h))+$/.test(text)) {
    const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)];
    return now - parts.reduce((sum, [, number, unit]) => sum + Number(number) * (UNITS[unit ?? ''] ?? 0), 0);
  }
  if (/^\d+(?:\.\d+)?$/.test(text)) return Number(text) * 1000;
  if (!/^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?)?(?:Z|[+-]\d\d:\d\d)?$/.test(text)) return undefined;
  const at = Date.parse(
    /T.*(?:Z|[+-]\d\d:\d\d)$/.test(text) ? text : `${text.replace(/Z$/, '')}${text.includes('T') ? 'Z' : 'T00:00:00Z'}`,
  );
  return Number.isNaN(at) ? undefined : at;
}
