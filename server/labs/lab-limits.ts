/** How long labs may stay, in minutes; for ever where nothing is said. */
export interface LabLimits {
  /** Since somebody last typed in a terminal of it or asked the server for it. */
  readonly idleMinutes?: number;
  /** Since it was created, used or not. */
  readonly lifeMinutes?: number;
}

export interface LabAge {
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly usedAt: number;
}

const MINUTE_MS = 60_000;

/** Why a lab is to be deleted, as its learner may read it; undefined while it may stay. */
export function overdue(
  { createdAt, usedAt }: LabAge,
  { idleMinutes, lifeMinutes }: LabLimits,
  now: number,
): string | undefined {
  if (lifeMinutes !== undefined && now - createdAt >= lifeMinutes * MINUTE_MS)
    return `The lab has ended: its ${lifeMinutes} minutes are over.`;
  if (idleMinutes !== undefined && now - usedAt >= idleMinutes * MINUTE_MS)
    return `The lab has ended: nobody has used it for ${idleMinutes} minutes.`;
  return undefined;
}
