/** A release by its numbers. */
export interface ReleaseNumber {
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
}

/** Reads `v1.36.2` or `1.36.2`; undefined where it is none. */
export function releaseNumber(text: string): ReleaseNumber | undefined {
  const [, major, minor, patch] = /^v?(\d+)\.(\d+)\.(\d+)$/.exec(text) ?? [];
  return major === undefined ? undefined : { major: Number(major), minor: Number(minor), patch: Number(patch) };
}

/** Negative where the first is older. */
export const compareReleases = (a: ReleaseNumber, b: ReleaseNumber): number =>
  a.major - b.major || a.minor - b.minor || a.patch - b.patch;
