const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];

/** Bytes in powers of a thousand and so many digits, `3.072kB` (github.com/docker/go-units, HumanSizeWithPrecision). */
export function humanSize(bytes: number, digits = 4): string {
  const power = bytes < 1000 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log10(bytes) / 3));
  return `${Number((bytes / 1000 ** power).toPrecision(digits))}${UNITS[power]}`;
}
