const LEAST = 20;
const GAP = 3;

/** Columns as crictl and `docker top` print them: at least 20 signs wide, and three blanks apart (cri-tools cmd/crictl/display.go, docker/cli top.go). */
export function wideTable(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(LEAST, ...rows.map((row) => (row[column]?.length ?? 0) + GAP)),
  );
  return rows
    .map((row) => row.map((cell, i) => (i === row.length - 1 ? cell : cell.padEnd(widths[i] ?? 0))).join(''))
    .map((line) => `${line}\n`)
    .join('');
}
