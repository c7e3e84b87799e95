import { Cron } from 'croner';

/** When a CronJob is due. Times are milliseconds since 1970. */
export interface Schedule {
  /** The first time after that one; undefined when there is none (31 February). */
  next(after: number): number | undefined;
}

/** Missed times beyond which nobody counts on (cronjob/utils.go). */
const MOST_MISSED = 100;

/**
 * Reads a schedule as github.com/robfig/cron does, with which upstream reads it: five fields, `@daily` and the like, `@every 90m`.
 * Times are those of the zone, UTC unless said. Undefined for what cannot be read.
 */
export function parseSchedule(text: string, timeZone: string | undefined): Schedule | undefined {
  const every = /^@every (.+)$/.exec(text)?.[1];
  if (every !== undefined) {
    const period = Math.max(1000, goDuration(every));
    return Number.isNaN(period) ? undefined : { next: (after) => Math.floor(after / 1000) * 1000 + period };
  }
  try {
    // A zone costs a millisecond of formatting dates; UTC needs none.
    const zone = timeZone === undefined ? { utcOffset: 0 } : { timezone: timeZone };
    const cron = new Cron(text === '@midnight' ? '@daily' : text, { ...zone, paused: true });
    return { next: (after) => cron.nextRun(new Date(after))?.getTime() };
  } catch {
    return undefined;
  }
}

const UNITS: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 };

function goDuration(text: string): number {
  if (!/^(\d+(\.\d+)?(h|ms|m|s))+$/.test(text)) return Number.NaN;
  return [...text.matchAll(/(\d+(?:\.\d+)?)(h|ms|m|s)/g)].reduce(
    (sum, [, amount, unit = '']) => sum + Number(amount) * (UNITS[unit] ?? 0),
    0,
  );
}

/** The latest time that has come since `since` and how many came, counting no further than a hundred. */
export function latestDue(schedule: Schedule, since: number, now: number): { at: number; missed: number } | undefined {
  let at = schedule.next(since);
  if (at === undefined || at > now) return undefined;
  for (let missed = 1; ; missed++) {
    const next = schedule.next(at);
    if (next === undefined || next > now) return { at, missed };
    if (missed <= MOST_MISSED) {
      at = next;
      continue;
    }
    // Too many to walk through: the period tells where the last one lies.
    const jump: number = Math.max(0, Math.floor((now - next) / (next - at)) - 1) * (next - at);
    at = schedule.next(at + jump) ?? next;
  }
}
