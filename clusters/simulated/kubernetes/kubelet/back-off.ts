/** Crash loops wait 10 s, doubled up to 5 minutes; pulls the same (pkg/kubelet MaxCrashLoopBackOff). Milliseconds. */
const FIRST_BACK_OFF_MS = 10_000;
const LAST_BACK_OFF_MS = 300_000;

/** How long to wait after that many earlier waits, in milliseconds. */
export const backOff = (earlier: number): number => Math.min(FIRST_BACK_OFF_MS * 2 ** earlier, LAST_BACK_OFF_MS);

/** A Go duration: `10s`, `1m20s`, `5m0s`. */
export const goDuration = (milliseconds: number): string => {
  const seconds = milliseconds / 1000;
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`;
};
