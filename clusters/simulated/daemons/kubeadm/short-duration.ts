const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;

/** The largest unit of a length of time alone: `23h`, `364d` (k8s.io/apimachinery/pkg/util/duration, ShortHumanDuration). */
export function shortHumanDuration(milliseconds: number): string {
  if (milliseconds < 0) return '<invalid>';
  if (milliseconds < MINUTE) return `${Math.floor(milliseconds / 1000)}s`;
  if (milliseconds < HOUR) return `${Math.floor(milliseconds / MINUTE)}m`;
  if (milliseconds < DAY) return `${Math.floor(milliseconds / HOUR)}h`;
  return milliseconds < YEAR ? `${Math.floor(milliseconds / DAY)}d` : `${Math.floor(milliseconds / YEAR)}y`;
}
